/** The promise for a relay that is killed; 200 kills are in `test/services/kill.test.ts`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killAtRandom } from './kills.ts';
import { sumsOfRows } from './sums-of-rows.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('kill -9 at any point loses at most two seconds, of requests and of what keys used; two relays on one file', async () => {
  const store = await killAtRandom({ kind: 'sqlite', path: join(folder, 'relay.db') }, { times: 10, together: 2 });
  const { sums, ofRows } = await sumsOfRows(store);
  expect(sums.length).toBeGreaterThan(0);
  expect(sums).toEqual(ofRows);
  await store.close();
}, 120_000);
