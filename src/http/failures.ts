import type { ServerResponse } from 'node:http';
import type { Context, Middleware } from 'koa';
import { toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Dialects } from './dialect.ts';
import { dialectOf, writeError } from './dialect.ts';
import { fromHttpError } from './http-error.ts';
import { sendKoaBody } from './koa-body.ts';
import { isBodyPending, lingerThenClose } from './linger.ts';
import type { ServerScope } from './state.ts';

/**
 * The error boundary: whatever is thrown behind it becomes an answer in the words of the caller's family. An ordinary answer
 * of Koa, which is in `ctx.body` when all have had their turn, is sent from here: that may fail, too. Either way the request
 * gives its place to others.
 */
export const failures =
  (dialects: Dialects): Middleware =>
  (ctx, next) => {
    const { notes, server } = ctx.state;
    const fail = (thrown: unknown): void => {
      server.admission.leave(ctx);
      answer(ctx, dialects, thrown);
    };
    const done = (): void => {
      server.admission.leave(ctx);
      try {
        if (ctx.respond !== false) sendKoaBody(ctx);
        // More than the connection takes at once: what is left waits for its reader.
        if ((notes.bytesOut ?? 0) > HOP_BYTES) server.connections.wait(ctx.req.socket);
      } catch (thrown) {
        fail(thrown);
      }
    };
    // No function that waits: it would cost each request half a kilobyte for the few that fail.
    return next().then(done, fail);
  };

const HOP_BYTES = 16 * 1024;

/** Answers a failed request, if it can still be answered. */
export const answer = (ctx: Context, dialects: Dialects, thrown: unknown): void => {
  const { res } = ctx;
  const { signal, notes, server, requestId } = ctx.state;
  // An abort arrives as whatever the code in between made of it; the reason says what happened.
  const error = withAdvice(toRelayError(signal.aborted ? signal.reason : fromHttpError(thrown)), server);
  ctx.respond = false;
  if (error.code === 'INTERNAL' && error.cause !== undefined) {
    server.log.error('request failed', { requestId, error: error.cause });
  } else if (error.cause !== undefined) {
    server.log.debug('request ended with an error', { requestId, error });
  }
  if (res.closed || res.destroyed) return;
  notes.error = error.reason ?? error.code;
  if (res.headersSent) {
    // Nothing can be said any more; a cut is the only sign that the answer is not complete.
    res.destroy();
    return;
  }
  forget(res);
  const dialect = dialectOf(dialects, ctx);
  if (isBodyPending(ctx.req)) lingerThenClose(ctx, dialect, error);
  else writeError(ctx, dialect, error);
};

/** What a handler had said of the answer that it did not come to give. */
const forget = (res: ServerResponse): void => {
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.statusMessage = '';
};

/** What to do next, as it is typed here. */
const withAdvice = (error: RelayError, server: ServerScope): RelayError => {
  error.message = server.asTypedHere(error.message);
  return error;
};
