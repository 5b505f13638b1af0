/** One HTTP exchange: the response head as a promise, its body as bytes that are read at the reader's pace. */
import type { Dispatcher } from 'undici';
import { RelayError } from '../errors.ts';
import type { WrittenBody } from '../payloads.ts';
import { decoded } from './decoding.ts';
import { brokenBody, noAnswer } from './network-error.ts';

export interface Reply {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The media type without its parameters, lower case; empty where none is named. */
  readonly contentType: string;
  /** Decoded bytes, for one reader. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Buffer>;
  /** The whole body; longer than the limit is an error. */
  text(limitBytes: number): Promise<string>;
  /** The beginning of the body, for error pages: never throws but for an abort, never waits for more than it needs. */
  excerpt(limitBytes: number): Promise<string>;
  /** Nobody wants the body. */
  discard(): void;
}

export interface Exchange {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: WrittenBody | undefined;
  readonly signal: AbortSignal;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Named in error messages, without its password. */
  readonly proxy: string | undefined;
}

/** Above this the connection is paused until the reader has caught up. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Uses undici's dispatch, its cheapest interface: half the CPU of its `request`, a sixth of its `fetch`. The queue here
 * is what pulling cannot replace: bytes that are already off the wire when the connection pauses.
 */
export const exchange = (dispatcher: Dispatcher, request: Exchange): Promise<Reply> => {
  const { signal } = request;
  const head = Promise.withResolvers<Reply>();
  let controller: Dispatcher.DispatchController | undefined;
  let started = false;
  let answered = false;

  let queue: Buffer[] = [];
  let queuedBytes = 0;
  let ended = false;
  let failure: Error | undefined;
  let waiting: PromiseWithResolvers<IteratorResult<Buffer>> | undefined;

  const settle = (): void => {
    ended = true;
    signal.removeEventListener('abort', abort);
  };

  /** All that has come so far, to the reader that waits for it. */
  const flush = (): void => {
    if (!waiting || queue.length === 0) return;
    waiting.resolve({ value: takeAll(), done: false });
    waiting = undefined;
  };

  const takeAll = (): Buffer => {
    const [only] = queue;
    const bytes = queue.length === 1 && only ? only : Buffer.concat(queue, queuedBytes);
    queue = [];
    queuedBytes = 0;
    if (controller?.paused) controller.resume();
    return bytes;
  };

  const fail = (error: Error): void => {
    if (ended) return;
    flush();
    settle();
    failure = error;
    if (!answered) head.reject(error);
    waiting?.reject(error);
    waiting = undefined;
  };

  const cut = (error: Error): void => {
    fail(error);
    controller?.abort(error);
  };

  const abort = (): void => {
    // What is queued would only be written to somebody who has left.
    queue = [];
    queuedBytes = 0;
    cut(signal.reason as Error);
  };

  const next = (): Promise<IteratorResult<Buffer>> => {
    if (queue.length > 0) return Promise.resolve({ value: takeAll(), done: false });
    if (failure !== undefined) return Promise.reject(failure);
    if (ended) return Promise.resolve(DONE);
    waiting = Promise.withResolvers();
    return waiting.promise;
  };

  const leave = (): Promise<IteratorResult<Buffer>> => {
    queue = [];
    if (!ended) cut(new Error('nobody reads this answer any more'));
    return Promise.resolve(DONE);
  };

  const body: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => ({ next, return: leave }) };

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (given) => {
      started = true;
      controller = given;
      // The caller has left while the connection was being made.
      if (ended) given.abort(new Error('aborted'));
    },
    onResponseStart: (given, status, headers) => {
      controller = given;
      if (status < 200) return;
      answered = true;
      head.resolve(toReply(request, status, headers, body, leave));
    },
    onResponseData: (given, bytes) => {
      // Google writes each event in an HTTP chunk of its own, and one network read brings many: they are passed on
      // together when the parser is through with it. For a burst of 200 that is a few hops instead of 200.
      if (waiting && queue.length === 0) process.nextTick(flush);
      queue.push(bytes);
      queuedBytes += bytes.length;
      if (queuedBytes >= BUFFER_BYTES) given.pause();
    },
    onResponseEnd: () => {
      flush();
      settle();
      waiting?.resolve(DONE);
      waiting = undefined;
    },
    onResponseError: (_given, error) => {
      if (ended) return;
      fail(answered ? brokenBody(error, request) : noAnswer(error, started, request));
    },
  };

  if (signal.aborted) return Promise.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: withLength(request),
        body: (request.body as DispatchBody) ?? null,
        headersTimeout: request.firstByteTimeoutMs,
        bodyTimeout: request.idleTimeoutMs,
      },
      handler,
    );
  } catch (error) {
    fail(noAnswer(error, started, request));
  }
  return head.promise;
};

type DispatchBody = Dispatcher.DispatchOptions['body'];

/** undici measures a text by itself; pieces would go out in chunks, which Google's front ends take less gladly. */
const withLength = ({ headers, body }: Exchange): Exchange['headers'] =>
  typeof body === 'object'
    ? { ...headers, 'content-length': String(body.reduce((sum, piece) => sum + piece.length, 0)) }
    : headers;

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };

const toReply = (
  request: Exchange,
  status: number,
  headers: Reply['headers'],
  raw: AsyncIterable<Buffer>,
  discard: () => unknown,
): Reply => {
  const body = decoded(raw, headers['content-encoding'], request.url.host);
  const collect = async (limitBytes: number, tooLong: () => void): Promise<string> => {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const bytes of body) {
      size += bytes.length;
      pieces.push(bytes);
      if (size > limitBytes) {
        tooLong();
        break;
      }
    }
    const [only] = pieces;
    return (pieces.length === 1 && only ? only : Buffer.concat(pieces)).toString('utf8', 0, Math.min(size, limitBytes));
  };
  return {
    status,
    headers,
    contentType: mediaType(headers['content-type']),
    body,
    text: (limitBytes) =>
      collect(limitBytes, () => {
        throw new RelayError('UNAVAILABLE', `${request.url.host} sent a longer answer than the relay accepts.`, {
          status: 502,
          reason: 'upstream_bad_response',
        });
      }),
    excerpt: async (limitBytes) => {
      try {
        return await collect(limitBytes, () => undefined);
      } catch (error) {
        if (request.signal.aborted) throw error;
        return '';
      }
    },
    discard,
  };
};

const mediaType = (header: string | string[] | undefined): string => {
  const value = Array.isArray(header) ? header[0] : header;
  return value?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
};
