import type { Context, Middleware } from 'koa';
import { digestOf } from '../callers/caller.ts';
import type { Caller, Callers } from '../callers/caller.ts';
import { RelayError } from '../errors.ts';
import type { Guesses } from './guesses.ts';
import { addressOf } from './guesses.ts';
import { readPresented } from './presented-keys.ts';

/** Knows callers by the keys that they present. */
export interface Doorkeeper {
  /** Undefined when what is presented is nobody's key. */
  callerOf(ctx: Context): Caller | undefined;
  /** Rejects with 401, or with 429 after too many guesses; a wrong key counts as one. */
  refuse(ctx: Context): Promise<never>;
}

export const createDoorkeeper = (
  callers: Callers,
  needs: { readonly guesses: Guesses; readonly trustProxyHops: number },
): Doorkeeper => {
  /** All are looked up always, as all keys are compared. */
  const find = (presented: readonly string[]): Caller | undefined => {
    let found: Caller | undefined;
    for (const value of presented) {
      const caller = callers.find(digestOf(value));
      found ??= caller;
    }
    return found;
  };

  return {
    callerOf: (ctx) => find(readPresented(ctx.req.headers, ctx.state.urlKeys).keys),
    refuse: async (ctx) => {
      const presented = readPresented(ctx.req.headers, ctx.state.urlKeys);
      // Without a value there is no guess: whoever gets the form wrong is told so, and not slowed down.
      if (presented.keys.length > 0) {
        const stayAwayMs = await needs.guesses.fail(addressOf(ctx.req, needs.trustProxyHops), ctx.state.signal);
        if (stayAwayMs !== undefined) throw tooManyGuesses(stayAwayMs);
      }
      throw wrongKey(presented.seen);
    },
  };
};

export const authenticate =
  (doorkeeper: Doorkeeper): Middleware =>
  (ctx, next) => {
    const caller = doorkeeper.callerOf(ctx);
    if (caller === undefined) return doorkeeper.refuse(ctx);
    ctx.state.caller = caller;
    return next();
  };

const HOW =
  'Present the key of this relay (GEMINI_AUTH_PASSWORD) as "Authorization: Bearer KEY", x-goog-api-key, x-api-key or ?key=.';

const wrongKey = (seen: string): RelayError =>
  new RelayError(
    'UNAUTHENTICATED',
    `${seen === '' ? 'No key was presented.' : `Incorrect API key; seen: ${seen}.`} ${HOW}`,
    {
      reason: 'invalid_api_key',
      headers: { 'www-authenticate': 'Bearer' },
    },
  );

const tooManyGuesses = (stayAwayMs: number): RelayError =>
  new RelayError('RESOURCE_EXHAUSTED', `Too many wrong keys from this address. ${HOW}`, {
    reason: 'rate_limit_exceeded',
    retryAfterMs: stayAwayMs,
  });
