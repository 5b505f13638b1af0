/** What a key is told that has no room left: which limit, and when there is room again. */
import { spellLimit } from '../callers/limits.ts';
import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import { isExceeded } from './counters.ts';
import type { Exceeded, Reservation } from './counters.ts';

/** A place of `concurrent` is free when some call ends. */
const SOON_MS = 1000;

/** What was reserved for a key. Throws where a limit of its is in the way. */
export const granted = (name: string, outcome: Reservation | Exceeded, system: Pick<System, 'now'>): Reservation => {
  if (isExceeded(outcome)) throw limitExceeded(name, outcome, system.now());
  return outcome;
};

const limitExceeded = (name: string, exceeded: Exceeded, now: number): RelayError => {
  const { limit, most, freeAt, isTooMuch, asked } = exceeded;
  const all = spellLimit(limit, most);
  if (isTooMuch) {
    const message =
      `The key '${name}' has a limit of ${all}, and this request alone needs about ${asked}. ` +
      'Send less at a time, or ask the owner of this relay for a higher limit.';
    return failed('key_limit_exceeded', message, { retryable: false });
  }
  if (limit === 'concurrent') {
    return failed('key_limit_exceeded', `The key '${name}' has a limit of ${all}, and so many are being answered.`, {
      retryAfterMs: SOON_MS,
    });
  }
  const until = freeAt ?? now + SOON_MS;
  return failed(
    'key_limit_exceeded',
    `The key '${name}' has used its ${all}. There is room again at ${new Date(until).toISOString()}.`,
    // Whoever comes back to the second must not be a moment early.
    { retryAfterMs: Math.max(SOON_MS, until - now) },
  );
};
