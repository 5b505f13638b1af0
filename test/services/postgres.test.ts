import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openPostgresDatabase } from '../../src/store/postgres.ts';
import { openStore } from '../../src/store/store.ts';
import type { Write } from '../../src/store/database.ts';
import { createSystem } from '../../src/system.ts';
import { describeEngine, troubleOf } from '../store/contract.ts';
import { hasAllOfVersion3 } from '../store/upgrade-contract.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

let count = 0;

describeEngine('PostgreSQL', () => {
  count += 1;
  const name = `store${count}`;
  return Promise.resolve({
    open: async () => openPostgresDatabase(await postgres.url(name)),
    exec: (sql: string) => postgres.exec(name, sql),
    remove: () => Promise.resolve(),
  });
});

test('a server that is not there, and a database that is not', async () => {
  expect(await troubleOf(openPostgresDatabase('postgres://relay@127.0.0.1:1/store'))).toBe('unreachable');
  const url = (await postgres.url('known')).replace(/known$/, 'unknown');
  expect(await troubleOf(openPostgresDatabase(url))).toBe('denied');
});

test('what version 3 of the tables has left is all there afterwards', async () => {
  const url = await postgres.url('upgraded');
  await postgres.exec('upgraded', readFileSync(join(import.meta.dirname, '../fixtures/store/version-3.sql'), 'utf8'));
  const store = openStore({ kind: 'postgres', url }, { system: createSystem(), log: silentLogger });
  await store.opened();
  await hasAllOfVersion3(store);
  await store.close();
});

test('a connection that the server ends is replaced', async () => {
  const database = await openPostgresDatabase(await postgres.url('ended'));
  await postgres.exec('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ended'");
  const asked = async (): Promise<unknown> => database.read('SELECT 1 AS one').catch(() => asked());
  expect(await asked()).toEqual([{ one: 1 }]);
  await database.close();
});

test('two relays that wait for rows of each other: one is told to try again, and nothing of it is kept', async () => {
  const url = await postgres.url('crossed');
  const [first, second] = [await openPostgresDatabase(url), await openPostgresDatabase(url)];
  const add = (model: string): Write => ({
    into: 'day_sums (day, key, model, door, format, requests, errors, input_tokens, cached_tokens, output_tokens, thought_tokens, cost_nanos, unpriced)',
    rows: [['2026-11-28', 'k', model, '', 'openai', 1, 0, 0, 0, 0, 0, 0, 0]],
    onConflict: 'ON CONFLICT (day, key, model, door, format) DO UPDATE SET requests = day_sums.requests + 1',
  });
  await first.write([add('a'), add('b')]);
  // Long enough for both to have taken their first row before either asks for its last.
  const between: Write = { sql: 'SELECT pg_sleep(0.5)', values: [] };
  const troubles = await Promise.all([
    troubleOf(first.write([add('a'), between, add('b')])),
    troubleOf(second.write([add('b'), between, add('a')])),
  ]);
  expect(troubles.toSorted()).toEqual(['locked', undefined]);
  expect(await first.read('SELECT model, requests FROM day_sums ORDER BY model')).toEqual([
    { model: 'a', requests: 2 },
    { model: 'b', requests: 2 },
  ]);
  await Promise.all([first.close(), second.close()]);
});
