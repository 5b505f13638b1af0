import { expect, test } from 'vitest';
import { perLimit } from '../../src/callers/limits.ts';
import { createMemoryCounters } from '../../src/keys/memory-counters.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 10, 12);
const ONE = { requests: 1, tokens: 0, costNanos: 0 };

const dayAt = (time: number): string => new Date(time).toISOString().slice(0, 10);

test('what the database knows of a day that was forgotten for later ones counts in it', () => {
  const counters = createMemoryCounters({ now: () => NOW });
  const learn = (time: number, requests: number): void => {
    counters.learn('anna', dayAt(time), time + DAY_MS, { ...ONE, requests });
  };
  counters.reserve(
    'anna',
    perLimit(() => null),
    ONE,
    true,
  );
  // The clock was put back: of its days only the last three are kept.
  for (const days of [1, 2, 3]) learn(NOW + days * DAY_MS, 1);
  learn(NOW, 5);
  expect(counters.useOf('anna', 'requests_per_day').used).toBe(5);
  counters.reserve(
    'anna',
    perLimit(() => null),
    ONE,
    true,
  );
  expect(counters.useOf('anna', 'requests_per_day').used).toBe(6);
});
