/** `x-ratelimit-…` as OpenAI's clients know it: of the limits of a key that count the same, the one that is nearest. */
import type { CountedCaller } from '../callers/caller.ts';
import type { LimitName } from '../callers/limits.ts';
import type { System } from '../system.ts';
import type { Counters } from './counters.ts';

const OF_REQUESTS = ['rpm', 'requests_per_day', 'requests_per_month'] as const satisfies readonly LimitName[];
const OF_TOKENS = ['tpm', 'tokens_per_day', 'tokens_per_month'] as const satisfies readonly LimitName[];

type Headers = Record<string, string>;

export const createLimitHeaders =
  (counters: Counters, system: Pick<System, 'now'>) =>
  ({ id, limits }: CountedCaller): Headers => {
    const headers: Headers = {};
    const tell = (unit: string, names: readonly LimitName[]): void => {
      let nearest: { readonly most: number; readonly left: number; readonly resetsAt: number } | undefined;
      for (const name of names) {
        const most = limits[name];
        if (most === null) continue;
        const { used, resetsAt = 0 } = counters.useOf(id, name);
        const left = Math.max(0, most - used);
        // Of two that leave as little, the one that lasts.
        if (!nearest || left < nearest.left || (left === nearest.left && resetsAt > nearest.resetsAt)) {
          nearest = { most, left, resetsAt };
        }
      }
      if (!nearest) return;
      headers[`x-ratelimit-limit-${unit}`] = String(nearest.most);
      headers[`x-ratelimit-remaining-${unit}`] = String(nearest.left);
      headers[`x-ratelimit-reset-${unit}`] = spellTime(nearest.resetsAt - system.now());
    };
    tell('requests', OF_REQUESTS);
    tell('tokens', OF_TOKENS);
    return headers;
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
