/**
 * A WebSocket to Google on a connection that the transport has made: so proxies, certificates and time limits are those of
 * all requests, and a refusal is a reply like others.
 */
import { hash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { answerPings } from '../../engine/pongs.ts';
import { badResponse } from '../../errors/answers.ts';
import type { Reply } from '../reply.ts';
import type { Transport } from '../transport.ts';

export interface LiveAddress {
  /** With `http` or `https`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What Google says in one message is shorter. */
const LONGEST_MESSAGE_BYTES = 16 * 1024 * 1024;
/** For its answer to a close. */
const CLOSE_TIMEOUT_MS = 5000;

/** Opened, and read no further until somebody listens. */
export const openLine = async (
  transport: Pick<Transport, 'upgrade'>,
  { url, headers, signal }: LiveAddress,
): Promise<WebSocket | Reply> => {
  const key = randomBytes(16).toString('base64');
  const answer = await transport.upgrade(url, 'websocket', {
    headers: { ...headers, 'sec-websocket-version': '13', 'sec-websocket-key': key },
    signal,
  });
  if (!('socket' in answer)) return answer;
  if (answer.headers['sec-websocket-accept'] !== hash('sha1', key + GUID, 'base64')) {
    answer.socket.destroy();
    throw badResponse(`${new URL(url).host} answered to a WebSocket with something that is none.`);
  }
  return toClient(answer.socket);
};

/**
 * `ws` makes a client of an address alone, over a connection of its own. What makes it one is told to it here; its version
 * is pinned, and the tests of the Live API fail where it is none.
 */
const toClient = async (socket: Duplex): Promise<WebSocket> => {
  const { WebSocket } = (await import('ws')) as unknown as { readonly WebSocket: Adopting };
  const line = new WebSocket(null, undefined, { autoPong: false, closeTimeout: CLOSE_TIMEOUT_MS });
  // Clients mask what they send, and servers do not.
  Object.assign(line, { _isServer: false });
  line.setSocket(socket, Buffer.alloc(0), {
    // As on clients' side: each message has a round of the event loop.
    allowSynchronousEvents: false,
    maxPayload: LONGEST_MESSAGE_BYTES,
    maxFragments: MOST_PIECES,
    maxBufferedChunks: 0,
  });
  answerPings(line);
  line.pause();
  // Its close tells the same.
  line.on('error', () => undefined);
  return line;
};

/** Of one message. */
const MOST_PIECES = 16_384;

/** What its types leave out. */
type Adopting = new (
  address: null,
  protocols: undefined,
  options: { readonly autoPong: boolean; readonly closeTimeout: number },
) => WebSocket & {
  setSocket(socket: Duplex, head: Buffer, options: Readonly<Record<string, boolean | number>>): void;
};
