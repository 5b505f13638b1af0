import { finished, Readable } from 'node:stream';
import type { Context } from 'koa';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { headersOf } from './head.ts';
import { noteFirstByte, tellIfMuchWaits } from './respond.ts';

/** Answers that never have a body. */
const EMPTY = new Set([204, 205, 304]);

/**
 * Sends what a handler left in `ctx.body` and `ctx.status`, as Koa's own writer does. That one is not to be had apart from
 * Koa's callback, which would cost the routes that write for themselves 5 µs each.
 */
export const sendKoaBody = (ctx: Context): void => {
  const { res, status } = ctx;
  const body: unknown = ctx.body;
  if (!ctx.writable) return;
  if (body === undefined && status === 404) throw nothingHere();
  settleHeaders(ctx);
  noteFirstByte(ctx);
  if (EMPTY.has(status)) {
    ctx.body = null;
    res.end();
  } else if (ctx.method === 'HEAD') {
    if (!res.hasHeader('content-length') && Number.isInteger(ctx.response.length)) ctx.length = ctx.response.length;
    res.end();
  } else if (body === undefined) {
    ctx.type = 'text';
    sendText(ctx, ctx.message || String(status));
  } else if (body === null) {
    ctx.remove('content-type');
    sendText(ctx, '');
  } else if (typeof body === 'string' || Buffer.isBuffer(body)) {
    sendText(ctx, body);
  } else {
    const stream = toStream(body);
    if (stream) sendSource(ctx, stream);
    else sendText(ctx, JSON.stringify(body));
  }
};

const sendText = (ctx: Context, body: string | Buffer): void => {
  const length = Buffer.byteLength(body);
  ctx.length = length;
  ctx.state.notes.bytesOut = length;
  ctx.res.end(body);
  tellIfMuchWaits(ctx);
};

const sendSource = (ctx: Context, source: Readable): void => {
  if (Number.isInteger(ctx.response.length)) ctx.state.notes.bytesOut = ctx.response.length;
  // Also when it ends before its end: piped alone, it would leave the client waiting.
  finished(source, { writable: false }, (error) => {
    if (error) ctx.onerror(error);
  });
  ctx.res.on('close', () => {
    source.destroy();
  });
  source.pipe(ctx.res);
};

const toStream = (body: unknown): Readable | undefined => {
  if (body instanceof Readable) return body;
  if (body instanceof Blob) return Readable.from(body.stream());
  if (body instanceof ReadableStream) return Readable.from(body);
  if (body instanceof Response) return Readable.from(body.body ?? []);
  return undefined;
};

/** Those of every answer, but for those that the handler has set itself. */
const settleHeaders = (ctx: Context): void => {
  const { res } = ctx;
  for (const [name, value] of Object.entries(headersOf(ctx))) {
    if (name === 'vary') ctx.vary(String(value));
    else if (!res.hasHeader(name)) res.setHeader(name, value);
  }
};

const nothingHere = (): RelayError => failed('unsupported_endpoint', 'There is nothing at this address.');
