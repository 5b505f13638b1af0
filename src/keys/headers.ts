/** `x-ratelimit-…` as OpenAI's clients know it: of the limits of a key that count the same, the one that is nearest. */
import type { CountedCaller } from '../callers/caller.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import type { System } from '../system.ts';
import type { Counters, LimitUses } from './counters.ts';

type Headers = Record<string, string | number>;

interface Unit {
  readonly limits: readonly LimitName[];
  /** Tells of the nearest of these. */
  readonly write: (headers: Headers, limit: string, remaining: string, reset: string) => void;
}

const OF_REQUESTS: Unit = {
  limits: ['rpm', 'requests_per_day', 'requests_per_month'],
  write: (headers, limit, remaining, reset) => {
    headers['x-ratelimit-limit-requests'] = limit;
    headers['x-ratelimit-remaining-requests'] = remaining;
    headers['x-ratelimit-reset-requests'] = reset;
  },
};

const OF_TOKENS: Unit = {
  limits: ['tpm', 'tokens_per_day', 'tokens_per_month'],
  write: (headers, limit, remaining, reset) => {
    headers['x-ratelimit-limit-tokens'] = limit;
    headers['x-ratelimit-remaining-tokens'] = remaining;
    headers['x-ratelimit-reset-tokens'] = reset;
  },
};

/** Writes them straight into the head of an answer: objects in between took as long as all else about them. */
export type TellLimits = (caller: CountedCaller, headers: Headers) => void;

export const createLimitHeaders = (counters: Counters, system: Pick<System, 'now'>): TellLimits => {
  /** What of a key's limits stays as it is. */
  const known = new WeakMap<Limits, Tellers>();
  const keep = (limits: Limits): Tellers => {
    const made = { limits, requests: createTeller(OF_REQUESTS, limits), tokens: createTeller(OF_TOKENS, limits) };
    known.set(limits, made);
    return made;
  };
  /** Of whoever asked last, which is who asks next. */
  let latest: Tellers | undefined;

  return ({ id, limits }, headers) => {
    if (latest?.limits !== limits) latest = known.get(limits) ?? keep(limits);
    const { requests, tokens } = latest;
    if (!requests && !tokens) return;
    const now = system.now();
    const uses = counters.usesOf(id, now);
    requests?.(headers, uses, now);
    tokens?.(headers, uses, now);
  };
};

interface Tellers {
  readonly limits: Limits;
  readonly requests: Teller | undefined;
  readonly tokens: Teller | undefined;
}

type Teller = (headers: Headers, uses: LimitUses, now: number) => void;

const createTeller = ({ limits: names, write }: Unit, limits: Limits): Teller | undefined => {
  const all = names.flatMap((name) => {
    const most = limits[name];
    return most === null ? [] : [{ name, most, text: String(most) }];
  });
  if (all.length === 0) return undefined;
  const spell = createTimeSpelling();
  return (headers, uses, now) => {
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
    write(headers, limit, String(left), spell(resetsAt - now));
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
