/** What a key is told of its limits in the head of each answer. */
import { expect, test } from 'vitest';
import { isCounted, NOBODY } from '../../src/callers/caller.ts';
import type { CountedCaller } from '../../src/callers/caller.ts';
import { perLimit } from '../../src/callers/limits.ts';
import type { Limits } from '../../src/callers/limits.ts';
import { createLimitHeaders, spellTime } from '../../src/keys/headers.ts';
import { createMemoryCounters } from '../../src/keys/memory-counters.ts';

const LAST_SECONDS = Date.UTC(2026, 10, 28, 23, 59, 57);
const MIDNIGHT = Date.UTC(2026, 10, 29);
const DAY_MS = 86_400_000;

const rigWith = (set: Partial<Limits>) => {
  const clock = { now: LAST_SECONDS };
  const system = { now: () => clock.now };
  const counters = createMemoryCounters(system);
  const caller = { ...NOBODY, id: 'anna', name: 'anna', limits: { ...perLimit(() => null), ...set } };
  if (!isCounted(caller)) throw new Error('it has limits');
  const counted: CountedCaller = caller;
  const tell = createLimitHeaders(counters, system);
  return {
    clock,
    use: (tokens: number) => counters.reserve('anna', counted.limits, { requests: 1, tokens, costNanos: 0 }, true),
    tell: () => {
      const headers: Record<string, string | number> = {};
      tell(counted, headers);
      return headers;
    },
  };
};

test('without a limit of requests or tokens nothing is told, with one of either nothing of the other', () => {
  expect(rigWith({}).tell()).toEqual({});
  expect(rigWith({ concurrent: 3, cost_per_month: 5 }).tell()).toEqual({});
  expect(rigWith({ rpm: 10 }).tell()).toEqual({
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-remaining-requests': '10',
    'x-ratelimit-reset-requests': '0s',
  });
  expect(Object.keys(rigWith({ tokens_per_month: 10 }).tell())).toEqual([
    'x-ratelimit-limit-tokens',
    'x-ratelimit-remaining-tokens',
    'x-ratelimit-reset-tokens',
  ]);
});

test('the nearest of those that count the same is told, and of two that leave as little the one that lasts', () => {
  const rig = rigWith({ rpm: 5, requests_per_day: 5, requests_per_month: 100, tpm: 1000, tokens_per_day: 50 });
  rig.use(20);
  expect(rig.tell()).toEqual({
    'x-ratelimit-limit-requests': '5',
    'x-ratelimit-remaining-requests': '4',
    // Of the minute: the day is over in three seconds.
    'x-ratelimit-reset-requests': '1m0s',
    'x-ratelimit-limit-tokens': '50',
    'x-ratelimit-remaining-tokens': '30',
    'x-ratelimit-reset-tokens': '3s',
  });
});

test('the reset is right at each millisecond, over the end of a day and with the clock put back', () => {
  const rig = rigWith({ requests_per_day: 5 });
  rig.use(1);
  for (const step of [1, 1, -7]) {
    for (let at = 0; at < 3100; at += 1) {
      rig.clock.now += step;
      const { now } = rig.clock;
      const end = MIDNIGHT + Math.floor((now - MIDNIGHT) / DAY_MS + 1) * DAY_MS;
      expect(rig.tell()).toMatchObject({ 'x-ratelimit-reset-requests': spellTime(end - now) });
    }
  }
});

test.each([
  [0, '0s'],
  [0.2, '1ms'],
  [999, '999ms'],
  [1000, '1s'],
  [1001, '2s'],
  [60_000, '1m0s'],
  [3_600_000 + 1, '1h0m1s'],
  [49 * 3_600_000, '49h0m0s'],
])('%d ms are spelt %s', (ms, text) => {
  expect(spellTime(ms)).toBe(text);
});
