import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { processorNow, quietNow } from './machine.ts';

test('a clock of the quiet goes on while this thread works or waits, and stands still while it is kept from both', async () => {
  let startedAt = quietNow();
  for (const end = processorNow() + 100; processorNow() < end;);
  expect(quietNow() - startedAt).toBeGreaterThanOrEqual(100);

  startedAt = quietNow();
  // Each a turn of its own, and none shorter than this.
  for (let count = 0; count < 20; count += 1) await delay(5);
  expect(quietNow() - startedAt).toBeGreaterThanOrEqual(80);

  startedAt = quietNow();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
  expect(quietNow() - startedAt).toBeLessThan(100);
});
