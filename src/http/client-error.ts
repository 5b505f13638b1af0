import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import type { Dialects } from './dialect.ts';
import { ownerOf } from './dialect.ts';
import type { Lifetimes } from './lifetimes.ts';
import { openAnswer } from './open-answer.ts';
import { answerRaw } from './raw-answer.ts';
import { requestIdOf } from './request-id.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What Node's parser says of a request that never became one. */
interface ParserError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Whoever sends more than that behind its last request is cut off. */
const MOST_READS = 100;

type AnswerClientError = (error: ParserError, socket: Duplex) => void;

/**
 * Answers what is no HTTP, or too large or too slow, in the words of the path's family, and closes. What was asked
 * before it on this connection is sound, and is answered first.
 */
export const createClientErrors = (
  dialects: Dialects,
  system: System,
  refused: Lifetimes['refused'],
): AnswerClientError => {
  /** Each read of what follows is refused anew: how many have been, where an answer is waited for. */
  const waiting = new WeakMap<Duplex, number>();

  const refuse: AnswerClientError = (error, socket) => {
    const open = openAnswer(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
    } else if (open?.req.complete === true) {
      waiting.set(socket, 0);
      open.once('close', () => {
        // What came too slowly has come after all.
        if (error.code === TOO_SLOW && openAnswer(socket)?.req.complete === true) waiting.delete(socket);
        else refuse(error, socket);
      });
    } else if (open?.headersSent === true) {
      // An answer that has begun would be mixed with ours.
      socket.destroy();
    } else {
      answer(error, socket, open);
    }
  };

  const answer = (error: ParserError, socket: Duplex, open: ServerResponse | undefined): void => {
    // Where its head was not understood, what stood in it is not known.
    const path = pathOf(open ? `${open.req.method} ${open.req.url}` : error.rawPacket?.toString('latin1', 0, 600));
    const dialect = ownerOf(dialects, path) ?? dialects[0];
    const requestId = requestIdOf(open?.req.headers['x-request-id'], system);
    const why = toError(error.code);
    const { status, headers, body } = dialect.renderError(why, requestId);
    // Who ends in the middle of a request has left.
    if (open && error.code !== ENDED_EARLY) refused(open, why);
    answerRaw(
      socket,
      status,
      {
        'content-type': 'application/json; charset=utf-8',
        ...headers,
        ...SECURITY_HEADERS,
        'x-request-id': requestId,
      },
      body,
    );
  };

  return (error, socket) => {
    const reads = waiting.get(socket);
    if (reads === undefined) refuse(error, socket);
    else if (reads < MOST_READS) waiting.set(socket, reads + 1);
    else socket.destroy();
  };
};

const TOO_SLOW = 'ERR_HTTP_REQUEST_TIMEOUT';
const NO_PROXY = 'ERR_NO_PROXY';
const ENDED_EARLY = 'HPE_INVALID_EOF_STATE';

/** For a client that takes the relay for a proxy: Node would close without a word. */
export const noProxy = (): ParserError => Object.assign(new Error('CONNECT'), { code: NO_PROXY });

const toError = (code: string | undefined): RelayError => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return failed('headers_too_large', 'The headers of the request are larger than 16 KiB.');
    case TOO_SLOW:
      return failed('request_too_slow', 'The request arrived too slowly.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return failed('request_too_large', 'The chunk extensions of the request are too large.');
    case NO_PROXY:
      return failed(
        'method_not_allowed',
        'The relay is no proxy. Give its address to the client as the base URL, and take it out of HTTP_PROXY and HTTPS_PROXY.',
        { headers: { allow: 'GET, HEAD, POST' } },
      );
    default:
      return failed('invalid_http', 'The request is not valid HTTP/1.1.');
  }
};

/** From the request line, where the text at hand begins with one. */
const pathOf = (text = ''): string => /^[A-Z]{3,10} (\/[^ ?\r\n]{0,500})/.exec(text)?.[1] ?? '/';
