/** Each kind of piece to one client; `npm run fuzz -- --heavy` has all of them for all. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowed } from '../support/machine.ts';
import { asEvent, ASKINGS, asWhole, PLAIN_ANSWER, TEXTS } from './heavy-answers.ts';
import type { Asking } from './heavy-answers.ts';
import { openHeavyRelay } from './heavy-relay.ts';
import type { HeavyRelay, Measured } from './heavy-relay.ts';

const BYTES = 12 * 1024 * 1024;
const HEAP_MB = 512;
const MOST_TIMES = 4;
/** R25. */
const PAUSE_MS = 250;

let relay: HeavyRelay;
let plain: Measured;

beforeAll(async () => {
  relay = await openHeavyRelay(HEAP_MB);
  await relay.answer(PLAIN_ANSWER.make(BYTES));
  plain = await relay.answer(PLAIN_ANSWER.make(BYTES));
}, 60_000);

afterAll(() => relay.close());

const askingOf = (index: number): Asking => {
  const asking = ASKINGS[index % ASKINGS.length];
  if (!asking) throw new Error('nobody asks');
  return asking;
};

test.each(
  TEXTS.map((text, index) => ({ ...text, asking: askingOf(index) })).map(
    (row) => [row.name, row.asking.name, row.asking.stream ? 'an event' : 'a whole answer', row] as const,
  ),
)(
  'R25: 12 MiB of %s, told to %s, are %s that holds up nobody',
  async (_name, _client, _form, { make, asking }) => {
    const json = make(BYTES);
    const fault = asking.stream ? asEvent(json) : asWhole(json);
    let [pauseMs, peakBytes] = [Infinity, Infinity];
    // The machine may have been busy elsewhere: it counts if it happens again.
    for (let tries = 0; tries < 4 && pauseMs > PAUSE_MS; tries += 1) {
      const measured = await relay.answer(fault, asking);
      expect([200, 502]).toContain(measured.status);
      pauseMs = Math.min(pauseMs, measured.pauseMs);
      peakBytes = Math.min(peakBytes, measured.peakBytes);
    }
    expect(pauseMs).toBeLessThan(allowed(PAUSE_MS));
    expect(peakBytes).toBeLessThan(MOST_TIMES * Math.max(plain.peakBytes, 2 * BYTES));
    expect(await relay.isAlive()).toBe(true);
  },
  60_000,
);
