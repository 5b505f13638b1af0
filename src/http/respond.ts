import type { Context } from 'koa';
import type { Caller } from '../callers/caller.ts';
import { LONG_BYTES, turn } from '../engine/turns.ts';
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

/** The same in pieces, at its client's pace; `bytes` are all of them together. */
export const sendJsonPieces = async (ctx: Context, pieces: readonly Buffer[], bytes: number): Promise<void> => {
  const { res } = ctx;
  const { signal, notes } = ctx.state;
  noteFirstByte(ctx);
  notes.bytesOut = bytes;
  writeHeadOfKind(ctx, JSON_HEAD, bytes);
  for (const piece of pieces) {
    if (!res.write(piece)) {
      tellIfMuchWaits(ctx);
      await drained(ctx);
    }
    if (signal.aborted) {
      // Its length was told: nobody takes what has come for all of it.
      res.destroy();
      return;
    }
  }
  res.end();
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
  openStream(ctx, EVENT_STREAM);
  ctx.state.notes.stream = true;
  ctx.state.notes.bytesOut = Buffer.byteLength(text);
  endWith(ctx, text, ctx.state.notes.bytesOut);
};

export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Its head, with the first words of it. */
export const openStream = (ctx: Context, contentType: string): void => {
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
