/** Two hundred relays killed at random points, on both engines. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killAtRandom } from '../usage/kills.ts';
import { sumsOfRows } from '../usage/sums-of-rows.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

const MINUTES = 60_000;
let folder: string;
let postgres: Postgres;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.concurrent(
  'SQLite: 200 kills lose at most two seconds each, of requests and of what keys used, and the sums stay equal',
  async () => {
    const store = await killAtRandom({ kind: 'sqlite', path: join(folder, 'relay.db') }, { times: 200, together: 10 });
    const { sums, ofRows } = await sumsOfRows(store);
    expect(sums).toEqual(ofRows);
    await store.close();
  },
  15 * MINUTES,
);

test.concurrent(
  'PostgreSQL: 40 kills lose at most two seconds each, of requests and of what keys used, and the sums stay equal',
  async () => {
    const store = await killAtRandom(
      { kind: 'postgres', url: await postgres.url('kills') },
      { times: 40, together: 4 },
    );
    const { sums, ofRows } = await sumsOfRows(store);
    expect(sums).toEqual(ofRows);
    await store.close();
  },
  5 * MINUTES,
);
