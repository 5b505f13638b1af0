import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';

const WINDOW_MS = 60_000;
const FREE_TRIES = 10;
const MAX_ADDRESSES = 10_000;
const MAX_DELAYED = 256;
const MAX_DELAY_MS = 1000;

/** Counts wrong keys per address and makes guessing slow. It never stands in the way of the right key. */
export interface Guesses {
  /** Settles when the failing answer may go; rejects with 429, and `how` a right key is presented, where there were too many. */
  count(ctx: Context, how: string): Promise<void>;
}

interface Failures {
  count: number;
  readonly since: number;
}

export const createGuesses = (system: System, log: Logger, trustProxyHops: number): Guesses => {
  const failures = new Map<string, Failures>();
  let delayed = 0;

  const note = (address: string): Failures => {
    const now = system.monotonic();
    const known = failures.get(address);
    if (known && now - known.since < WINDOW_MS) {
      known.count += 1;
      return known;
    }
    if (known && known.count > 1) log.warn('wrong keys', { address, count: known.count });
    // The one that was longest without a fresh window goes first.
    failures.delete(address);
    if (failures.size >= MAX_ADDRESSES) failures.delete(failures.keys().next().value ?? '');
    const fresh = { count: 1, since: now };
    failures.set(address, fresh);
    return fresh;
  };

  return {
    count: async (ctx, how) => {
      const address = addressOf(ctx.req, trustProxyHops);
      const entry = note(address);
      if (entry.count === 1) log.warn('wrong key', { address });
      if (entry.count === FREE_TRIES + 1) log.warn('many wrong keys, answers are slowed', { address });
      if (entry.count <= FREE_TRIES) return;
      if (delayed < MAX_DELAYED) {
        delayed += 1;
        try {
          await system.sleep(Math.floor(system.random() * MAX_DELAY_MS), ctx.state.signal);
        } finally {
          delayed -= 1;
        }
      }
      throw failed('rate_limit_exceeded', tooMany(how), {
        retryAfterMs: Math.max(1, entry.since + WINDOW_MS - system.monotonic()),
      });
    },
  };
};

export const tooMany = (how: string): string => `Too many wrong keys from this address. ${how}`;

/** What whoever presents none, or a wrong one, is answered. */
export const wrongKey = (message: string): RelayError =>
  failed('invalid_api_key', message, { headers: { 'www-authenticate': 'Bearer' } });

/** Who is at the other end. Headers are believed only as far as the operator's own proxies go. */
const addressOf = (req: IncomingMessage, trustedHops: number): string => {
  const direct = req.socket.remoteAddress ?? 'unknown';
  if (trustedHops === 0) return direct;
  const forwarded = String(req.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return (forwarded.at(-trustedHops) ?? direct).slice(0, 64);
};
