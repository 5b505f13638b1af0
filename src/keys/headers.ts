/** `x-ratelimit-…` as OpenAI's clients know it: of the limits of a key that count the same, the one that is nearest. */
import type { CountedCaller } from '../callers/caller.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import type { System } from '../system.ts';
import type { Counters, LimitUses } from './counters.ts';

type Headers = Record<string, string>;

interface Unit {
  readonly limits: readonly LimitName[];
  /** What tells of the nearest of these. */
  readonly toHeaders: (limit: string, remaining: string, reset: string) => Headers;
}

const OF_REQUESTS: Unit = {
  limits: ['rpm', 'requests_per_day', 'requests_per_month'],
  toHeaders: (limit, remaining, reset) => ({
    'x-ratelimit-limit-requests': limit,
    'x-ratelimit-remaining-requests': remaining,
    'x-ratelimit-reset-requests': reset,
  }),
};

const OF_TOKENS: Unit = {
  limits: ['tpm', 'tokens_per_day', 'tokens_per_month'],
  toHeaders: (limit, remaining, reset) => ({
    'x-ratelimit-limit-tokens': limit,
    'x-ratelimit-remaining-tokens': remaining,
    'x-ratelimit-reset-tokens': reset,
  }),
};

export const createLimitHeaders = (
  counters: Counters,
  system: Pick<System, 'now'>,
): ((caller: CountedCaller) => Headers | undefined) => {
  /** What of a key's limits stays as it is. */
  const known = new WeakMap<Limits, readonly Teller[]>();
  const tellersOf = (limits: Limits): readonly Teller[] => {
    const made = [OF_REQUESTS, OF_TOKENS].flatMap((unit) => createTeller(unit, limits) ?? []);
    known.set(limits, made);
    return made;
  };

  return ({ id, limits }) => {
    const [first, second] = known.get(limits) ?? tellersOf(limits);
    if (!first) return undefined;
    const now = system.now();
    const uses = counters.usesOf(id, now);
    return second ? Object.assign(first(uses, now), second(uses, now)) : first(uses, now);
  };
};

type Teller = (uses: LimitUses, now: number) => Headers;

const createTeller = ({ limits: names, toHeaders }: Unit, limits: Limits): Teller | undefined => {
  const all = names.flatMap((name) => {
    const most = limits[name];
    return most === null ? [] : [{ name, most, text: String(most) }];
  });
  if (all.length === 0) return undefined;
  const spell = createTimeSpelling();
  return (uses, now) => {
    let limit = '';
    let left = Infinity;
    let resetsAt = 0;
    for (const { name, most, text } of all) {
      const itsLeft = Math.max(0, most - uses.used(name));
      if (itsLeft > left) continue;
      const itsReset = uses.resetsAt(name) ?? 0;
      // Of two that leave as little, the one that lasts.
      if (itsLeft === left && itsReset <= resetsAt) continue;
      limit = text;
      left = itsLeft;
      resetsAt = itsReset;
    }
    return toHeaders(limit, String(left), spell(resetsAt - now));
  };
};

/** Most limits are over at the end of a second, a day or a month: one text for all requests of a second. */
const createTimeSpelling = (): ((ms: number) => string) => {
  let seconds = NaN;
  let text = '';
  return (ms) => {
    if (ms < SECOND_MS) return spellTime(ms);
    const whole = Math.ceil(ms / SECOND_MS);
    if (whole !== seconds) {
      seconds = whole;
      text = spellTime(whole * SECOND_MS);
    }
    return text;
  };
};

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
