import type Router from '@koa/router';
import type { Context, Next } from 'koa';
import { RelayError } from '../../errors.ts';
import { isGoogleCaller } from './google-caller.ts';
import { ADDRESSES, under, UNSERVED } from './paths.ts';

/** What OpenAI offers beside chat. 404 rather than 501: its SDKs repeat every status from 500 on. */
export const mountUnsupported = (router: Router): void => {
  router.all(PATHS, async (ctx: Context, next: Next) => {
    const name = PATHS.exec(ctx.path)?.[1]?.toLowerCase() ?? '';
    if (GOOGLE_HAS.has(name) && isGoogleCaller(ctx)) {
      await next();
      return;
    }
    ctx.state.notes.route = `/v1/${name}`;
    throw unavailable(`/v1/${name}`);
  });
  // Nothing is kept, so there is no answer to look up again.
  router.all(under('/chat/completions/{*rest}'), () => {
    throw unavailable('Stored chat completions');
  });
};

/** One pattern: as 240 routes they took 10 ms of each start, and 7 µs of each request. */
const PATHS = new RegExp(`^(?:${under('').join('|')})/(${UNSERVED.join('|')})(?:/.*)?$`, 'i');

/** Its own callers are told in its own words. */
const GOOGLE_HAS: ReadonlySet<string> = new Set(['files', 'batches']);

const unavailable = (feature: string): RelayError =>
  new RelayError('NOT_FOUND', `${feature} is not available through this relay. ${ADDRESSES}`, {
    reason: 'unsupported_endpoint',
    retryable: false,
  });
