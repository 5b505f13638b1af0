/** R24: the heaviest bodies against a relay with the memory of a small container: it refuses what it must, and lives. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LARGEST, LONG_TEXTS, MANY_TEXTS, PLAIN } from '../fuzz/heavy.ts';
import type { Load } from '../fuzz/heavy.ts';
import { openHeavyRelay } from '../fuzz/heavy-relay.ts';
import type { HeavyRelay } from '../fuzz/heavy-relay.ts';
import { allowed } from '../support/machine.ts';

const MIB = 1024 * 1024;
const BYTES = 60 * MIB;
/** What the engine takes for its heap in a container of 1 GiB, as in docker-compose.yml. */
const HEAP_MB = 512;
const CONTAINER_MB = 1024;
const PAUSE_MS = 250;

describe('R24: bodies of 60 MiB, with a heap of 512 MB in a container of 1 GiB', () => {
  let relay: HeavyRelay;
  beforeAll(async () => {
    relay = await openHeavyRelay(HEAP_MB, CONTAINER_MB);
  });
  afterAll(() => relay.close());

  test.each(LARGEST.map((load) => [load.name, load] as const))(
    'R24: %s, one and eight at once',
    async (_name, load) => {
      const one = await relay.crowd(load, BYTES, 1);
      // The simulator refuses what has reached it, so that it need not read it.
      expect(one.statuses).toEqual([400]);
      const eight = await relay.crowd(load, BYTES, 8);
      expect(eight.statuses).toContain(400);
      for (const status of eight.statuses) expect([400, 503]).toContain(status);
      expect(eight.mostBytes).toBeLessThan(CONTAINER_MB * MIB);
      expect(eight.livezAnswers).toBeGreaterThan(0);
      expect(await relay.isAlive()).toBe(true);
    },
    120_000,
  );

  test.each([...LONG_TEXTS, ...MANY_TEXTS].map((load) => [load.name, load] as const))(
    'R25: %s hold up nobody, and take less than four times their size',
    async (_name, load) => {
      // The machine has other work: it counts what happens again and again.
      let [pauseMs, peakBytes] = [Infinity, Infinity];
      for (let tries = 0; tries < 5 && (pauseMs > PAUSE_MS || peakBytes > 4 * BYTES); tries += 1) {
        const measured = await relay.measure(load, BYTES);
        expect(measured.status).toBe(400);
        pauseMs = Math.min(pauseMs, measured.pauseMs);
        peakBytes = Math.min(peakBytes, measured.peakBytes);
      }
      expect(pauseMs).toBeLessThan(allowed(PAUSE_MS));
      expect(peakBytes).toBeLessThan(4 * BYTES);
    },
    60_000,
  );

  test('R24: sixty of 480 KB of nothing but small values', async () => {
    const values: Load = {
      ...PLAIN,
      name: 'values',
      make: (bytes) => PLAIN.make(100).replace('{', `{"x":[${'"aa",'.repeat(bytes / 5)}0],`),
    };
    const { statuses } = await relay.crowd(values, 480_000, 60);
    for (const status of statuses) expect([400, 503]).toContain(status);
    expect(await relay.isAlive()).toBe(true);
  }, 60_000);
});

describe('R25: a body that others need not wait for', () => {
  const LESS_THAN_LARGE = 3.9 * MIB;
  const MODERATE: Load = { ...PLAIN, name: 'a conversation', make: () => PLAIN.make(100_000) };
  const WARM_UP = 100;
  /** The four languages, and no letter that takes two bytes. */
  const PLACES = / in a (?:chat message|native part|block)| in an input/;
  const LOADS = [PLAIN, ...LONG_TEXTS.filter(({ name }) => name.startsWith('letters') && PLACES.test(name))];

  test.each(LOADS.map((load) => [load.name, load] as const))(
    '%s: takes less than four times its size',
    async (_name, load) => {
      let peakBytes = Infinity;
      for (let tries = 0; tries < 3 && peakBytes > 4 * LESS_THAN_LARGE; tries += 1) {
        // A new one each time: what lies around of other bodies would be taken again, and not be seen.
        const relay = await openHeavyRelay(HEAP_MB);
        for (let asked = 0; asked < WARM_UP; asked += 1) await relay.measure(MODERATE, 0);
        peakBytes = Math.min(peakBytes, (await relay.measure(load, LESS_THAN_LARGE)).peakBytes);
        await relay.close();
      }
      expect(peakBytes).toBeLessThan(4 * LESS_THAN_LARGE);
    },
    60_000,
  );
});
