/** `x-ratelimit-…` as OpenAI's clients know it: of the limits of a key that count the same, the one that is nearest. */
import type { CountedCaller } from '../callers/caller.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import type { System } from '../system.ts';
import type { Counters, LimitUses } from './counters.ts';

interface Unit {
  readonly limits: readonly LimitName[];
  /** The headers that tell of the nearest of these. */
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

const unitOf = (unit: string, limits: readonly LimitName[]): Unit => ({
  limits,
  limit: `x-ratelimit-limit-${unit}`,
  remaining: `x-ratelimit-remaining-${unit}`,
  reset: `x-ratelimit-reset-${unit}`,
});

const OF_REQUESTS = unitOf('requests', ['rpm', 'requests_per_day', 'requests_per_month']);
const OF_TOKENS = unitOf('tokens', ['tpm', 'tokens_per_day', 'tokens_per_month']);

type Headers = Record<string, string>;

export const createLimitHeaders =
  (counters: Counters, system: Pick<System, 'now'>) =>
  ({ id, limits }: CountedCaller): Headers => {
    const headers: Headers = {};
    const uses = counters.usesOf(id);
    const now = system.now();
    tell(headers, OF_REQUESTS, limits, uses, now);
    tell(headers, OF_TOKENS, limits, uses, now);
    return headers;
  };

const tell = (headers: Headers, unit: Unit, limits: Limits, uses: LimitUses, now: number): void => {
  let nearest: number | undefined;
  let left = 0;
  let resetsAt = 0;
  for (const name of unit.limits) {
    const most = limits[name];
    if (most === null) continue;
    const itsLeft = Math.max(0, most - uses.used(name));
    const itsReset = uses.resetsAt(name) ?? 0;
    // Of two that leave as little, the one that lasts.
    if (nearest !== undefined && (itsLeft > left || (itsLeft === left && itsReset <= resetsAt))) continue;
    nearest = most;
    left = itsLeft;
    resetsAt = itsReset;
  }
  if (nearest === undefined) return;
  headers[unit.limit] = spellLimit(nearest);
  headers[unit.remaining] = String(left);
  headers[unit.reset] = spellTime(resetsAt - now);
};

/** Keys have few limits, and a number becomes a text in a third of a microsecond. */
const spellLimit = (most: number): string => {
  const known = LIMITS_SPELT.get(most);
  if (known !== undefined) return known;
  if (LIMITS_SPELT.size >= MOST_SPELT) LIMITS_SPELT.clear();
  const text = String(most);
  LIMITS_SPELT.set(most, text);
  return text;
};

const LIMITS_SPELT = new Map<number, string>();
const MOST_SPELT = 256;

const UNITS = [
  ['h', 3_600_000],
  ['m', 60_000],
] as const;
const SECOND_MS = 1000;

/** As OpenAI writes it: `6m0s`, `21s`, `180ms`. */
export const spellTime = (ms: number): string => {
  if (ms <= 0) return '0s';
  if (ms < SECOND_MS) return `${Math.ceil(ms)}ms`;
  let rest = Math.ceil(ms / SECOND_MS) * SECOND_MS;
  let text = '';
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    if (count > 0 || text !== '') text += `${count}${unit}`;
    rest -= count * length;
  }
  return `${text}${rest / SECOND_MS}s`;
};
