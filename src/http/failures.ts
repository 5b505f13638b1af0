import type { Context, Middleware } from 'koa';
import { toRelayError } from '../errors.ts';

import type { Dialects } from './dialect.ts';
import { dialectOf, writeError } from './dialect.ts';
import { isBodyPending, lingerThenClose } from './linger.ts';

/** The error boundary: whatever is thrown behind it becomes an answer in the words of the path's family. */
export const failures =
  (dialects: Dialects): Middleware =>
  (ctx, next) => {
    const fail = (thrown: unknown): void => {
      answer(ctx, dialects, thrown);
    };
    // No function that waits: it would cost each request half a kilobyte for the few that fail.
    try {
      return next().catch(fail);
    } catch (thrown) {
      fail(thrown);
      return DONE;
    }
  };

const DONE = Promise.resolve();

/** Answers a failed request, if it can still be answered. */
export const answer = (ctx: Context, dialects: Dialects, thrown: unknown): void => {
  const { res } = ctx;
  const { signal, notes, server, requestId } = ctx.state;
  // An abort arrives as whatever the code in between made of it; the reason says what happened.
  const error = toRelayError(signal.aborted ? signal.reason : thrown);
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
  const dialect = dialectOf(dialects, ctx.path);
  if (isBodyPending(ctx.req)) lingerThenClose(ctx, dialect, error);
  else writeError(ctx, dialect, error);
};
