import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { cleanUpOnce } from '../../src/usage/clean-up.ts';
import { createLedger } from '../../src/usage/ledger.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { sumsOfRows } from './sums-of-rows.ts';
import { anyEnded, ended } from './rows.ts';
import { eventually } from '../support/eventually.ts';

const DAY_MS = 86_400_000;
const NOON = Date.UTC(2026, 10, 28, 12);
const log = createMemoryLog();

let folder: string;
const opened: Store[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

const open = async (name = 'relay.db'): Promise<Store> => {
  const store = openStore({ kind: 'sqlite', path: join(folder, name) }, { system: createSystem(), log });
  opened.push(store);
  await store.opened();
  return store;
};
const at = (now: number): System => ({ ...createSystem(), now: () => now });

test('a request is kept with all that is known of it', async () => {
  const store = await open();
  const ledger = createLedger({ store, log, system: at(NOON), keepDays: () => 30 });
  ledger.add(ended({ retries: 2 }));
  expect(ledger.status()).toEqual({ kind: 'sqlite', ok: true, waiting: 1, dropped: 0 });
  await ledger.close();
  const [row] = await store.read('SELECT * FROM requests');
  expect(row).toEqual({
    place: expect.stringMatching(/^1795867200000-[\da-f]{8}-000000001$/) as string,
    id: 'req_1',
    time: NOON,
    key: 'API_KEY',
    door: 'code-assist',
    format: 'openai',
    route: '/v1/chat/completions',
    model: 'gemini-2.5-flash',
    served_model: 'gemini-2.5-flash',
    stream: 1,
    status: 200,
    reason: null,
    ms: 1234.5,
    first_ms: 321.1,
    input_tokens: 1000,
    cached_tokens: 400,
    output_tokens: 300,
    thought_tokens: 100,
    cost_nanos: 600 * 300 + 400 * 30 + 300 * 2500,
    retries: 2,
    client: 'OpenAI/JS 7.55.0',
  });
});

test('what is not known stays empty, and is no 0', async () => {
  const store = await open();
  const ledger = createLedger({ store, log, system: at(NOON), keepDays: () => 30 });
  const unknown = { door: undefined, format: undefined, route: undefined, client: undefined, firstMs: undefined };
  ledger.add(ended({ ...unknown, model: 'gemini-9-ultra', servedModel: undefined }));
  await ledger.close();
  const columns = 'door, format, route, served_model, first_ms, cost_nanos, client';
  expect(await store.read(`SELECT ${columns} FROM requests`)).toEqual([
    { door: null, format: null, route: null, served_model: null, first_ms: null, cost_nanos: null, client: null },
  ]);
  expect(await store.read('SELECT requests, cost_nanos, unpriced FROM day_sums')).toEqual([
    { requests: 1, cost_nanos: 0, unpriced: 1 },
  ]);
});

test('a name that is none of a model is not kept: it may be anything', async () => {
  const store = await open();
  const ledger = createLedger({ store, log, system: at(NOON), keepDays: () => 30 });
  const names = ['Write me a poem', 'a\u0000b', 'AIzaSyCanary', 'gcr_canary', 'x'.repeat(201), ''];
  for (const model of names) ledger.add(ended({ model, servedModel: model }));
  await ledger.close();
  expect(await store.read('SELECT DISTINCT model, served_model FROM requests')).toEqual([
    { model: null, served_model: null },
  ]);
});

test('whatever comes, the sums of the days are those of the single requests', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyEnded, { maxLength: 60 }), async (requests) => {
      const store = await open(`${(count += 1)}.db`);
      const ledger = createLedger({ store, log, system: createSystem(), keepDays: () => 30 });
      for (const request of requests) ledger.add(request);
      await ledger.close();
      const { sums, ofRows } = await sumsOfRows(store);
      expect(sums).toEqual(ofRows);
      expect(sums.reduce((sum, { requests: of }) => sum + Number(of), 0)).toBe(requests.length);
    }),
    { numRuns: 30 },
  );
});

test('midnight and the end of a month are those of UTC', async () => {
  const store = await open();
  const ledger = createLedger({ store, log, system: createSystem(), keepDays: () => 30 });
  const midnight = Date.UTC(2026, 11, 1);
  for (const time of [midnight - 1, midnight, midnight + 1]) ledger.add(ended({ time }));
  await ledger.close();
  expect(await store.read('SELECT day, requests FROM day_sums ORDER BY day')).toEqual([
    { day: '2026-11-30', requests: 1 },
    { day: '2026-12-01', requests: 2 },
  ]);
});

test('two relays on one file', async () => {
  const stores = await Promise.all([open(), open()]);
  const ledgers = stores.map((store) => createLedger({ store, log, system: createSystem(), keepDays: () => 30 }));
  for (let index = 0; index < 1000; index += 1) for (const ledger of ledgers) ledger.add(ended());
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  const [first] = stores;
  expect(await first.read('SELECT COUNT(*) AS count, COUNT(DISTINCT place) AS places FROM requests')).toEqual([
    { count: 2000, places: 2000 },
  ]);
  expect(await first.read('SELECT requests, input_tokens FROM day_sums')).toEqual([
    { requests: 2000, input_tokens: 2_000_000 },
  ]);
});

test('with no days for single requests only the sums are kept', async () => {
  const store = await open();
  const ledger = createLedger({ store, log, system: createSystem(), keepDays: () => 0 });
  ledger.add(ended());
  await ledger.close();
  expect(await store.read('SELECT id FROM requests')).toEqual([]);
  expect(await store.read('SELECT requests FROM day_sums')).toEqual([{ requests: 1 }]);
});

test('without a database nobody is asked for anything, until somebody watches', () => {
  const store = openStore({ kind: 'none' }, { system: createSystem(), log });
  const ledger = createLedger({ store, log, system: createSystem(), keepDays: () => 30 });
  expect(ledger.isWanted()).toBe(false);
  const seen: unknown[] = [];
  const stop = ledger.watch((request) => seen.push(request));
  expect(ledger.isWanted()).toBe(true);
  ledger.add(ended({ id: 'seen', status: 429 }));
  expect(seen).toEqual([expect.objectContaining({ id: 'seen', status: 429, time: '2026-11-28T12:00:00.000Z' })]);
  stop();
  ledger.add(ended());
  expect([seen.length, ledger.isWanted()]).toEqual([1, false]);
});

test('while the store is away requests wait, and are written when it is back', async () => {
  const store = await open();
  let isAway = true;
  const ledger = createLedger({
    store: { ...store, write: (writes) => (isAway ? Promise.reject(new Error('away')) : store.write(writes)) },
    log,
    system: createSystem(),
    keepDays: () => 30,
  });
  for (let index = 0; index < 500; index += 1) ledger.add(ended());
  await new Promise((resolve) => setImmediate(resolve));
  isAway = false;
  await eventually(async () => {
    expect(await store.read('SELECT COUNT(*) AS count FROM requests')).toEqual([{ count: 500 }]);
  });
  expect(await store.read('SELECT requests FROM day_sums')).toEqual([{ requests: 500 }]);
  await ledger.close();
});

test('what is too old goes in small steps: single requests after their days, sums after 400', async () => {
  const store = await open();
  const ledger = createLedger({ store, log, system: createSystem(), keepDays: () => 30 });
  const fresh = NOON - 30 * DAY_MS;
  for (let index = 0; index < 1200; index += 1) ledger.add(ended({ time: fresh - 1 - index }));
  ledger.add(ended({ time: fresh }));
  ledger.add(ended({ time: NOON - 401 * DAY_MS }));
  ledger.add(ended({ time: NOON - 400 * DAY_MS }));
  await ledger.close();
  const changed: number[] = [];
  const watched: Pick<Store, 'write'> = {
    write: async (writes) => {
      const changes = await store.write(writes);
      changed.push(...changes);
      return changes;
    },
  };
  const needs = { store: watched, system: at(NOON), keepDays: () => 30, signal: new AbortController().signal };
  await cleanUpOnce(needs);
  expect(await store.read('SELECT time FROM requests')).toEqual([{ time: fresh }]);
  expect(await store.read('SELECT day FROM day_sums ORDER BY day')).toEqual([
    { day: '2025-10-24' },
    { day: '2026-10-29' },
  ]);
  expect(Math.max(...changed)).toBeLessThanOrEqual(500);
  // Then nothing is left to do.
  changed.length = 0;
  await cleanUpOnce(needs);
  expect(changed).toEqual([0, 0, 0]);
});
