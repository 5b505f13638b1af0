import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Context } from 'koa';

/** A WebSocket, as far as requests on it need to know. */
export interface FrameConnection {
  /** Unique among all that were ever open. */
  readonly id: string;
  /** Aborted when it is over. */
  readonly closed: AbortSignal;
}

/** A message of a WebSocket as the request that it stands for: a POST at the socket's own address, with its headers. */
export class FrameRequest extends Readable {
  readonly method = 'POST';
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly complete = true;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly socket: Socket;
  readonly session: FrameConnection;

  constructor(handshake: Handshake, body: Buffer, connection: FrameConnection) {
    super({ read: () => undefined });
    const { req, url } = handshake;
    this.url = url;
    this.headers = { ...headersOf(req), 'content-type': 'application/json', 'content-length': String(body.length) };
    this.rawHeaders = req.rawHeaders;
    this.socket = req.socket;
    this.session = connection;
    this.push(body);
    this.push(null);
  }
}

export interface Handshake {
  readonly req: IncomingMessage;
  /** With the key that may have stood in it. */
  readonly url: string;
}

/** Undefined for a request that came by itself. */
export const frameConnectionOf = ({ req }: Context): FrameConnection | undefined =>
  req instanceof FrameRequest ? req.session : undefined;

/** Of the connection itself, or of one request alone. */
const NOT_OF_FRAMES = new Set([
  ...['connection', 'upgrade', 'expect', 'content-length', 'content-encoding', 'transfer-encoding', 'x-request-id'],
]);

const headersOf = ({ headers }: IncomingMessage): IncomingHttpHeaders =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NOT_OF_FRAMES.has(name) && !name.startsWith('sec-websocket-')),
  );
