import type { Context } from 'koa';
import type { Caller } from '../callers/caller.ts';
import { LONG_BYTES, turn } from '../engine/turns.ts';
import { SHORT_CHUNK, writeChunk } from '../engine/whole-chunks.ts';
import { toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { giveWorkMemory } from './body-work.ts';
import { headOfKind, setHeader, writeHead, writeHeadOfKind } from './head.ts';
import type { Headers } from './head.ts';
import type { CallRecord } from './state.ts';

/** Aborted when the client leaves, the request's time is over or the relay stops; the reason is a RelayError. */
export const signalOf = (ctx: Context): AbortSignal => ctx.state.signal;

/** Where this request comes from, as upstream layers name it. */
export const originOf = (
  ctx: Context,
  format: string,
  session?: string,
): {
  readonly requestId: string;
  readonly caller: Caller;
  readonly format: string;
  readonly session: string | undefined;
} => ({
  requestId: ctx.state.requestId,
  caller: ctx.state.caller,
  format,
  session,
});

/** Where upstream layers write what they learn of this request's calls. */
export const recordOf = (ctx: Context): CallRecord => ctx.state.record;

/** A whole answer of Google's as its client reads it: to write a long one takes as long as to put it together. */
export const sendAnswer = (ctx: Context, json: string): Promise<void> | undefined => {
  if (json.length <= LONG_BYTES) {
    sendJson(ctx, json);
    return undefined;
  }
  return turn().then(() => {
    sendJson(ctx, json);
  });
};

/** A whole reply; `json` is its text already. Written past Koa, which would only measure and copy it again. */
export const sendJson = (ctx: Context, json: string, headers?: Readonly<Headers>, status = 200): void => {
  // Written once: a long text is not gone through for its length and again for its bytes.
  const content = json.length > MUCH_BYTES ? Buffer.from(json) : json;
  const length = typeof content === 'string' ? Buffer.byteLength(content) : content.length;
  noteFirstByte(ctx);
  ctx.state.notes.bytesOut = length;
  if (headers) Object.assign(ctx.state.headers, headers);
  if (status === 200) writeHeadOfKind(ctx, JSON_HEAD, length);
  else writeHead(ctx, status, { ...OF_JSON, 'content-length': length });
  endWith(ctx, content, length);
};

const OF_JSON = { 'content-type': 'application/json; charset=utf-8' };
const JSON_HEAD = headOfKind(OF_JSON);

/** Less is more of a hop than of a burden. */
const MUCH_BYTES = 64 * 1024;

/** Much is sent at once: with others it would take no less. */
const endWith = (ctx: Context, last: string | Buffer, bytes: number): void => {
  if (bytes <= MUCH_BYTES) {
    ctx.state.server.writes.end(ctx.res, last);
    return;
  }
  ctx.res.end(last);
  tellIfMuchWaits(ctx);
};

export const tellIfMuchWaits = ({ res, state }: Context): void => {
  if (res.writableLength > MUCH_BYTES) state.server.waits(res);
};

/** A whole reply that is no JSON. */
export const sendBytes = (ctx: Context, bytes: Buffer, contentType: string): void => {
  noteFirstByte(ctx);
  ctx.state.notes.bytesOut = bytes.length;
  setHeader(ctx, 'content-type', contentType);
  writeHeadOfKind(ctx, HEAD_OF_BYTES, bytes.length);
  endWith(ctx, bytes, bytes.length);
};

const HEAD_OF_BYTES = headOfKind({});

/** Events that are all there. */
export const sendEvents = (ctx: Context, text: string): void => {
  open(ctx, EVENT_STREAM);
  ctx.state.notes.stream = true;
  ctx.state.notes.bytesOut = Buffer.byteLength(text);
  endWith(ctx, text, ctx.state.notes.bytesOut);
};

const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** A comment of an event stream. */
export const keepAlive = (): string => ': keep-alive\n\n';

/** A way to write an answer as a stream, mostly of text. It is asked once per batch, in order, and keeps its own state. */
export interface StreamEncoder<T, Piece extends string | Buffer = string> {
  readonly contentType: string;
  /** Written while there is nothing to say: a comment, or `\n` in a JSON array; '' where nothing can be said so. */
  heartbeat(): string;
  /** Empty when there is nothing to say yet. */
  encode(batch: T): Piece;
  /** A true end. May throw RelayError (`upstream_incomplete`), which then is a failure like any other. */
  end(): string;
  /** The error frame in mid-stream. */
  fail(error: RelayError): string;
  /** Destroy the connection after the error frame, so that a client cannot take the answer for complete. */
  readonly cutAfterFailure: boolean;
  /** Last, once, however it has ended. */
  over?(): void;
}

/**
 * Sends an answer as it arrives, at the client's pace. Status and headers wait for the first text, so that an error
 * before it is thrown and becomes an HTTP status; only a silence of `heartbeatMs` commits to a 200 without any.
 */
export const sendStream = async <T>(
  ctx: Context,
  source: Promise<AsyncIterable<T> | Iterable<T>>,
  encoder: StreamEncoder<T, string | Buffer>,
  heartbeatMs: number,
): Promise<void> => {
  const { res } = ctx;
  const { signal, server } = ctx.state;
  ctx.state.notes.stream = true;
  const heartbeats = server.deadlines(heartbeatMs);

  /** There is something to say, which may be the beginning. */
  let isWaiting = false;

  const write = (text: string | Buffer): boolean => {
    const isOpen = res.headersSent;
    if (!isOpen) open(ctx, encoder.contentType);
    heartbeats.stop(heartbeat);
    heartbeat = heartbeats.start(beat);
    // A long one is encoded once, for the count and for the socket.
    const piece = typeof text === 'string' && text.length > SHORT_CHUNK ? Buffer.from(text) : text;
    const length = Buffer.byteLength(piece);
    ctx.state.notes.bytesOut = (ctx.state.notes.bytesOut ?? 0) + length;
    if (res.socket) server.writes.hold(res.socket);
    const isTaken = isOpen && typeof piece === 'string' ? writeChunk(res, piece, length) : res.write(piece);
    if (!isTaken) tellIfMuchWaits(ctx);
    return isTaken;
  };
  /** What there is to say is made only when it is said: for some it is the beginning of the answer. */
  const sayAlive = (): boolean => {
    const text = res.writableLength === 0 && !isWaiting ? encoder.heartbeat() : '';
    if (text === '') return false;
    write(text);
    return true;
  };
  const beat = (): void => {
    if (!sayAlive()) heartbeat = heartbeats.start(beat);
  };

  const pulse = (): void => {
    sayAlive();
  };
  const stopIfAborted = (): void => {
    if (signal.aborted) throw signal.reason;
  };
  const send = (text: string | Buffer): Promise<void> | undefined => {
    const isTaken = text.length === 0 || write(text);
    if (isTaken && signal.aborted) throw signal.reason;
    return isTaken ? undefined : drained(ctx).then(stopIfAborted);
  };
  const sendInTurn = async (text: string | Buffer): Promise<void> => {
    isWaiting = true;
    await turn();
    isWaiting = false;
    // Returned, not awaited: of what waits for its reader only the bytes stay.
    return send(text);
  };
  ctx.state.pulse = pulse;

  let heartbeat = heartbeats.start(beat);
  server.streams.open += 1;
  try {
    const batches = await source;
    // Google has the request, and nobody holds it here any more.
    giveWorkMemory(ctx);
    await eachInTurn(batches, (batch) => {
      const text = encoder.encode(batch);
      return text.length > LONG_BYTES ? sendInTurn(text) : send(text);
    });
    const text = encoder.end();
    if (!res.headersSent) open(ctx, encoder.contentType);
    server.writes.end(res, text);
  } catch (thrown) {
    // An abort reaches us as whatever the reader made of it; the reason says what happened.
    const error = toRelayError(signal.aborted ? signal.reason : thrown);
    if (!res.headersSent) throw error;
    ctx.state.notes.error = error.reason ?? error.code;
    if (error.code === 'INTERNAL')
      server.log.error('stream failed', { requestId: ctx.state.requestId, error: error.cause });
    fail(ctx, encoder, error);
  } finally {
    heartbeats.stop(heartbeat);
    // Its last words may still wait to be written, and nothing stands between.
    ctx.state.pulse = nothing;
    encoder.over?.();
    server.streams.open -= 1;
  }
};

const nothing = (): void => undefined;

/**
 * As `for await`, but that nothing of what was given to `use` is held while it waits: behind a slow reader that would be
 * several times what waits for it.
 */
const eachInTurn = async <T>(
  source: AsyncIterable<T> | Iterable<T>,
  use: (item: T) => Promise<void> | undefined,
): Promise<void> => {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let isInUse = false;
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      isInUse = true;
      const waits = use(next.value);
      if (waits) {
        letGo(next);
        await waits;
      }
      isInUse = false;
    }
  } finally {
    if (isInUse) await iterator.return?.();
  }
};

/** Whoever gave it may hold the result until the next is asked for. */
const letGo = (result: { value: unknown }): void => {
  result.value = undefined;
};

const open = (ctx: Context, contentType: string): void => {
  noteFirstByte(ctx);
  setHeader(ctx, 'content-type', contentType);
  writeHeadOfKind(ctx, STREAM_HEAD);
};

/** Proxies that gather an answer (nginx) or compress it would hold a stream back. */
export const UNHELD = { 'cache-control': 'no-store, no-cache, no-transform', 'x-accel-buffering': 'no' } as const;
const STREAM_HEAD = headOfKind(UNHELD);

export const noteFirstByte = (ctx: Context): void => {
  const { server, startedAt, notes } = ctx.state;
  notes.firstByteMs = Math.round((server.system.monotonic() - startedAt) * 10) / 10;
};

const fail = <T>(ctx: Context, encoder: StreamEncoder<T, string | Buffer>, error: RelayError): void => {
  const { res } = ctx;
  if (res.destroyed) return;
  const text = encoder.fail(error);
  if (!encoder.cutAfterFailure) {
    res.end(text);
    return;
  }
  // Only once the frame is with the kernel: destroying at once would take it along.
  res.write(text, () => {
    res.destroy();
  });
};

export const drained = ({ res }: Context): Promise<void> => {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done).off('close', done);
      resolve();
    };
    res.on('drain', done).on('close', done);
  });
};
