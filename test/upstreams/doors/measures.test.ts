/** What many keys cost, as ratios within one run: the machine may be as slow as it likes. */
import { expect, test } from 'vitest';
import type { Upstream } from '../../../src/gemini/call.ts';
import { createCooldown } from '../../../src/upstreams/cooldown/cooldown.ts';
import { createHouse } from '../../../src/upstreams/doors/house.ts';
import type { House } from '../../../src/upstreams/doors/house.ts';
import { collectGarbage } from '../../support/garbage.ts';
import { processorNow } from '../../support/machine.ts';

const MODEL = 'gemini-3.8-flash';
const keysOf = (count: number) =>
  Array.from({ length: count }, (_none, index) => ({
    label: `k${index}`,
    key: `AQ.a-key-of-usual-length-0123456789abcdef-${index}`,
  }));

const nobody = (): never => {
  throw new Error('nobody is asked here');
};
const upstream: Upstream = { generate: nobody, countTokens: nobody, embed: nobody, models: nobody };

const openHouse = (count: number, closed = 0): House => {
  const cooldown = createCooldown(Date);
  const house = createHouse({
    kinds: ['gemini-api'],
    open: () => ({ upstream, status: () => ({ status: 'healthy', message: 'Ready.' }) }),
    account: () => 'gemini-api',
    cooldown,
    now: () => Date.now(),
  });
  house.setKeys(keysOf(count));
  for (let index = 0; index < closed; index += 1) {
    const id = `gemini-api:k${index}`;
    cooldown.failed(id, MODEL, { cause: 'daily_quota', scope: 'model', waitMs: undefined }, cooldown.ask(id, MODEL));
  }
  return house;
};

/** Long enough for the processor's clock, which goes on by some milliseconds at a time. */
const ROUND_MS = 60;
const TURNS = 1000;

/** The best of some rounds, in nanoseconds for each choice. */
const timeOf = (house: House): number => {
  let best = Infinity;
  for (let round = 0; round < 8; round += 1) {
    const startedAt = processorNow();
    let turns = 0;
    let tookMs = 0;
    for (; tookMs < ROUND_MS; tookMs = processorNow() - startedAt) {
      for (const until = turns + TURNS; turns < until; turns += 1) {
        house.pick(MODEL, Math.imul(turns, 0x9e3779b9) >>> 0);
      }
    }
    best = Math.min(best, (tookMs / turns) * 1e6);
  }
  return best;
};

test('a choice among 1,000 keys takes no longer than among 16, and little longer with half of them closed', () => {
  const few = timeOf(openHouse(16));
  const many = timeOf(openHouse(1000));
  const half = timeOf(openHouse(1000, 500));
  // Measured: 0.5, 0.35 and 3 µs.
  expect({ few, many, half, isAsFast: many < 2 * few, isLittleMore: half < 25 * few }).toMatchObject({
    isAsFast: true,
    isLittleMore: true,
  });
});

test('5,000 keys are taken up in a fraction of a second, and each in less than 2 KB', async () => {
  const keys = keysOf(5000);
  const houses = Array.from({ length: 4 }, () => openHouse(0));
  await collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const startedAt = processorNow();
  for (const house of houses) house.setKeys(keys);
  const tookMs = (processorNow() - startedAt) / 4;
  await collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before) / (4 * 5000);
  expect(tookMs).toBeLessThan(500);
  expect(bytes).toBeLessThan(2048);
  expect(houses.every((house) => house.find('gemini-api:k4999') !== undefined)).toBe(true);
});
