/** A request on its way to undici. */
import type { Dispatcher } from 'undici';
import type { Deadlines } from '../engine/deadlines.ts';
import type { WrittenBody } from '../engine/payloads.ts';
import type { ArrivingRoom } from './arriving.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Exchange {
  readonly method: Method;
  readonly url: URL;
  readonly origin: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: WrittenBody | AsyncIterable<Buffer> | undefined;
  readonly signal: AbortSignal;
  /** For what is held of its answer. */
  readonly room: ArrivingRoom;
  /** How long the response head may take, once the request is on its way. */
  readonly firstByte: Deadlines;
  /** How long the body may be silent while somebody waits for more of it. */
  readonly idle: Deadlines;
  /** Named in error messages, without its password. */
  readonly proxy: string | undefined;
}

/** Told of its own failures as of those on the way. */
export interface DispatchHandler extends Dispatcher.DispatchHandler {
  onResponseError(controller: unknown, error: unknown): void;
}

/** On its way; `upgrade` is the protocol that it asks to go on in. */
export const dispatch = (
  dispatcher: Dispatcher,
  request: Exchange,
  handler: DispatchHandler,
  upgrade: string | null = null,
): void => {
  try {
    dispatcher.dispatch(
      {
        origin: request.origin,
        path: request.path,
        method: request.method,
        headers: Array.isArray(request.body) ? withLength(request.headers, request.body) : request.headers,
        body: (request.body as DispatchBody) ?? null,
        upgrade,
        // The limits are kept here: undici would make two timers for each request, which stay in memory for a second.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      handler,
    );
  } catch (error) {
    handler.onResponseError(undefined, error);
  }
};

type DispatchBody = Dispatcher.DispatchOptions['body'];

/** undici measures a text by itself; pieces would go out in chunks, which Google's front ends take less gladly. */
const withLength = (headers: Exchange['headers'], pieces: readonly Buffer[]): Exchange['headers'] => ({
  ...headers,
  'content-length': String(pieces.reduce((sum, piece) => sum + piece.length, 0)),
});
