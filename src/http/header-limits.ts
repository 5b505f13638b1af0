import type { Middleware } from 'koa';
import { RelayError } from '../errors.ts';

const MAX_HEADERS = 100;
const MAX_URL_LENGTH = 8192;

/** The limits that Node's parser has no answer for: it would drop headers in silence, and knows no length of a URL. */
export const headerLimits: Middleware = (ctx, next) => {
  if ((ctx.req.url ?? '').length > MAX_URL_LENGTH) {
    throw new RelayError('INVALID_ARGUMENT', `The address is longer than ${MAX_URL_LENGTH} characters.`, {
      status: 414,
      reason: 'uri_too_long',
    });
  }
  if (ctx.req.rawHeaders.length > 2 * MAX_HEADERS) {
    throw new RelayError('INVALID_ARGUMENT', `The request has more than ${MAX_HEADERS} headers.`, {
      status: 431,
      reason: 'headers_too_large',
    });
  }
  return next();
};
