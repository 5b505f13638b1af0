import { hash, timingSafeEqual } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { RelayError } from '../errors.ts';
import type { Guesses } from './guesses.ts';
import { addressOf } from './guesses.ts';
import { readPresented } from './presented-keys.ts';

export interface Key {
  readonly name: string;
  readonly value: string;
}

/** Compares what callers present with the relay's keys. */
export interface Doorkeeper {
  /** Name of the key that this caller presents; undefined when it is none of ours. */
  callerOf(ctx: Context): string | undefined;
  /** Rejects with 401, or with 429 after too many guesses; a wrong key counts as one. */
  refuse(ctx: Context): Promise<never>;
}

export const createDoorkeeper = (
  keys: readonly Key[],
  needs: { readonly guesses: Guesses; readonly trustProxyHops: number },
): Doorkeeper => {
  const known = keys
    .filter(({ value }) => value.trim() !== '')
    .map(({ name, value }) => ({ name, digest: Buffer.from(hash('sha256', value)) }));
  /** One for all: a buffer for each would take longer than the digest itself. */
  const digest = Buffer.alloc(DIGEST_LENGTH);

  /** All are compared always, so that the time tells nothing about which was nearly right. */
  const nameOf = (presented: readonly string[]): string | undefined => {
    let found: string | undefined;
    for (const value of presented) {
      digest.write(hash('sha256', value), 'latin1');
      for (const key of known) if (timingSafeEqual(key.digest, digest)) found ??= key.name;
    }
    return found;
  };

  return {
    callerOf: (ctx) => nameOf(readPresented(ctx.req.headers, ctx.state.urlKeys).keys),
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

/** In hexadecimal digits. */
const DIGEST_LENGTH = 64;

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
