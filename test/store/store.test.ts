import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Write } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createWriter } from '../../src/store/writer.ts';
import type { Batch } from '../../src/store/writer.ts';
import { createSystem } from '../../src/system.ts';
import { allowed } from '../support/machine.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { MemoryLog } from '../support/memory-log.ts';
import { troubleOf } from './contract.ts';

let folder: string;
let log: MemoryLog;
let store: Store | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  log = createMemoryLog();
});
afterEach(async () => {
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (path = join(folder, 'relay.db')): Store => {
  store = openStore({ kind: 'sqlite', path }, { system: createSystem(), log });
  return store;
};
const countOf = async (of: Store): Promise<unknown> =>
  (await of.read('SELECT COUNT(*) AS count FROM batches'))[0]?.['count'];
const batchesOf =
  <Item>(toWrites: (items: readonly Item[]) => readonly Write[]) =>
  (): Batch<Item> => {
    const items: Item[] = [];
    return { add: (item) => items.push(item), toWrites: () => toWrites(items) };
  };
const row = (id: string) => ({ into: 'batches (id, time)', rows: [[id, 1]] });

test('one that is damaged is said once, and is well again when the damage is gone', async () => {
  const path = join(folder, 'relay.db');
  writeFileSync(path, 'no database '.repeat(1000));
  const damaged = open(path);
  await damaged.opened();
  expect(damaged.state()).toMatchObject({
    ok: false,
    trouble: 'corrupt',
    message: expect.stringContaining('move it away') as string,
  });
  expect(await troubleOf(damaged.write([row('a')]))).toBe('corrupt');
  expect(await troubleOf(damaged.write([row('a')]))).toBe('corrupt');
  rmSync(path);
  await vi.waitFor(() => {
    expect(damaged.state()).toEqual({ ok: true });
  }, 5000);
  expect(await damaged.write([row('a')])).toEqual([1]);
  expect(log.of('warn')).toEqual(['store in trouble']);
  expect(log.of('info')).toEqual(['store is back']);
});

test('whoever asked to be told hears of each time that it is there', async () => {
  const path = join(folder, 'relay.db');
  mkdirSync(path);
  const away = open(path);
  let heard = 0;
  away.onReady(() => {
    heard += 1;
  });
  await away.opened();
  expect(heard).toBe(0);
  rmSync(path, { recursive: true });
  await vi.waitFor(() => {
    expect(heard).toBe(1);
  }, 5000);
});

test('none is well, keeps nothing and says why', async () => {
  const none = openStore({ kind: 'none' }, { system: createSystem(), log });
  await none.opened();
  expect(none.state()).toEqual({ ok: true });
  await expect(none.read('SELECT 1')).rejects.toThrow('DATABASE_URL is none');
});

test('what waits is written together within a second, in whole batches at once', async () => {
  const there = open();
  await there.opened();
  const writer = createWriter<string>({
    store: there,
    system: createSystem(),
    createBatch: batchesOf((batch) => [{ into: 'batches (id, time)', rows: batch.map((id) => [id, 1]) }]),
    batchSize: 10,
    everyMs: 50,
  });
  for (let index = 0; index < 25; index += 1) writer.add(`item ${index}`);
  await vi.waitFor(async () => {
    // Three batches with an id each.
    expect(await countOf(there)).toBe(28);
  }, allowed(1000));
  expect(writer.waiting).toBe(0);
  await writer.close();
});

test('without a database what waits is bounded, what finds no room is counted, the rest is written when it comes', async () => {
  const path = join(folder, 'relay.db');
  mkdirSync(path);
  const away = open(path);
  const writer = createWriter<string>({
    store: away,
    system: createSystem(),
    createBatch: batchesOf((batch) => [{ into: 'batches (id, time)', rows: batch.map((id) => [id, 1]) }]),
    batchSize: 10,
    everyMs: 20,
    mostWaiting: 30,
  });
  for (let index = 0; index < 100; index += 1) writer.add(`item ${index}`);
  expect([writer.waiting, writer.dropped]).toEqual([30, 70]);
  rmSync(path, { recursive: true });
  await vi.waitFor(async () => {
    expect(await countOf(away)).toBe(33);
  }, 5000);
  expect(writer.waiting).toBe(0);
});

test('a batch whose answer got lost does not count twice', async () => {
  const there = open();
  await there.opened();
  let isLost = true;
  const forgetful: Pick<Store, 'write' | 'onReady'> = {
    onReady: () => undefined,
    write: async (writes) => {
      const result = await there.write(writes);
      if (isLost) throw new Error('the connection ended');
      return result;
    },
  };
  const writer = createWriter<number>({
    store: forgetful,
    system: createSystem(),
    createBatch: batchesOf((batch) => [
      {
        into: 'day_sums (day, key, model, door, format, requests, errors, input_tokens, cached_tokens, output_tokens, thought_tokens, cost_nanos, unpriced)',
        rows: [['2026-11-28', 'k', 'm', '', 'openai', batch.length, 0, 0, 0, 0, 0, 0, 0]],
        onConflict:
          'ON CONFLICT (day, key, model, door, format) DO UPDATE SET requests = day_sums.requests + excluded.requests',
      },
    ]),
  });
  writer.add(1);
  writer.add(2);
  await writer.flush();
  expect(writer.waiting).toBe(2);
  isLost = false;
  await writer.flush();
  expect(writer.waiting).toBe(0);
  expect(await there.read('SELECT requests FROM day_sums')).toEqual([{ requests: 2 }]);
});

test('a batch that the store will never take stands in no way', async () => {
  const there = open();
  await there.opened();
  const mistakes: string[] = [];
  const writer = createWriter<string>({
    store: there,
    system: createSystem(),
    batchSize: 2,
    createBatch: batchesOf((batch) => [
      batch.includes('wrong')
        ? { sql: 'INSERT INTO nowhere VALUES (1)' }
        : { into: 'batches (id, time)', rows: batch.map((id) => [id, 1]) },
    ]),
    onMistake: (error) => mistakes.push(error.trouble),
  });
  for (const item of ['one', 'wrong', 'two', 'three']) writer.add(item);
  await writer.flush();
  expect([writer.waiting, writer.dropped, mistakes]).toEqual([0, 2, ['mistake']]);
  expect(await there.read("SELECT id FROM batches WHERE id IN ('one', 'two', 'three') ORDER BY id")).toEqual([
    { id: 'three' },
    { id: 'two' },
  ]);
  await writer.close();
});
