/** The long form is `npm run fuzz -- --heavy`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allowed } from '../support/machine.ts';
import { LOADS, MANY_VALUES, PLAIN } from './heavy.ts';
import { openHeavyRelay } from './heavy-relay.ts';
import type { HeavyRelay, Measured } from './heavy-relay.ts';

const MIB = 1024 * 1024;
const BYTES = 12 * MIB;
/** Each chunk costs Node's parser some microseconds, whoever reads it: a million of them say as much as twelve. */
const CHUNKED_BYTES = MIB;
/** What a small container leaves to JavaScript. */
const HEAP_MB = 512;
/** Of the plain body's. The machine has other work, and the collector comes when it likes. */
const MOST_TIMES_ITS_PAUSE = 4;
const MOST_TIMES_ITS_MEMORY = 3;
/** R25. */
const PAUSE_MS = 250;

let relay: HeavyRelay;
let plain: Measured;

beforeAll(async () => {
  relay = await openHeavyRelay(HEAP_MB);
  await relay.measure(PLAIN, BYTES);
  plain = await relay.measure(PLAIN, BYTES);
}, 180_000);

afterAll(async () => {
  await relay.close();
});

/** One of each kind of piece, and all that is made in a way of its own. */
const SHORT_FORM = LOADS.filter(({ name }, index) => !name.includes(' in ') || index % 4 === 0);

describe('R25: 12 MiB of the smallest pieces, with a heap of 512 MB', () => {
  test.each(SHORT_FORM.map((load) => [load.name, load] as const))(
    '%s',
    async (_name, load) => {
      const bytes = load.chunkBytes === undefined ? BYTES : CHUNKED_BYTES;
      const mostPause = Math.max(PAUSE_MS, MOST_TIMES_ITS_PAUSE * plain.pauseMs);
      let [pauseMs, peakBytes] = [Infinity, Infinity];
      // The machine may have been busy elsewhere: it counts if it happens again.
      for (let tries = 0; tries < 4 && pauseMs > mostPause; tries += 1) {
        const measured = await relay.measure(load, bytes);
        expect([400, 413, 503]).toContain(measured.status);
        pauseMs = Math.min(pauseMs, measured.pauseMs);
        peakBytes = Math.min(peakBytes, measured.peakBytes);
      }
      if (pauseMs > mostPause) expect(pauseMs).toBeLessThan(allowed(PAUSE_MS));
      expect(peakBytes).toBeLessThan(MOST_TIMES_ITS_MEMORY * Math.max(plain.peakBytes, 4 * BYTES));
      expect(await relay.isAlive()).toBe(true);
    },
    180_000,
  );
});

describe('R25: as many values as a body may hold', () => {
  test.each(MANY_VALUES.map((load) => [load.name, load] as const))('hold up nobody: %s', async (_name, load) => {
    const mostBytes = 4 * BYTES;
    let [pauseMs, peakBytes] = [Infinity, Infinity];
    for (let tries = 0; tries < 5 && (pauseMs > PAUSE_MS || peakBytes > mostBytes); tries += 1) {
      const measured = await relay.measure(load, 0);
      expect(measured.status).toBe(400);
      pauseMs = Math.min(pauseMs, measured.pauseMs);
      peakBytes = Math.min(peakBytes, measured.peakBytes);
    }
    expect(pauseMs).toBeLessThan(PAUSE_MS);
    expect(peakBytes).toBeLessThan(mostBytes);
  });

  test('and no more are read', async () => {
    const more = { ...PLAIN, make: () => PLAIN.make(200).replace('{', `{"x":[${'0,'.repeat(101_000)}0],`) };
    expect((await relay.measure(more, 0)).status).toBe(413);
  });

  test('many more may stand in what is only passed on', async () => {
    const args = `[${'0,'.repeat(200_000)}0]`;
    const native = `{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":${args}}}}]}]}`;
    const path = '/v1beta/models/gemini-2.5-flash:generateContent';
    expect((await relay.measure({ name: '', path, make: () => native }, 0)).status).toBe(400);
    const chat = `{"model":"gemini-2.5-flash","messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\\"x\\":${args}}"}}]}]}`;
    expect((await relay.measure({ ...PLAIN, make: () => chat }, 0)).status).toBe(400);
  });
});
