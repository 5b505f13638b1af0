import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Write } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createWriter } from '../../src/store/writer.ts';
import type { Batch } from '../../src/store/writer.ts';
import { createSystem } from '../../src/system.ts';
import { quietNow } from '../support/machine.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { MemoryLog } from '../support/memory-log.ts';
import { troubleOf } from './contract.ts';
import { eventually } from '../support/eventually.ts';

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
  await eventually(() => {
    expect(damaged.state()).toEqual({ ok: true });
  });
  expect(await damaged.write([row('a')])).toEqual([1]);
  expect(log.of('warn')).toEqual(['store in trouble']);
  expect(log.of('info')).toEqual(['store is back']);
});

test('a new one may wait until it is told to begin, and one with something in it does not', async () => {
  const needs = { system: createSystem(), log, newOnesWait: true };
  const address = { kind: 'sqlite', path: join(folder, 'relay.db') } as const;
  const fresh = openStore(address, needs);
  expect(fresh.isNew).toBe(true);
  await new Promise((next) => setTimeout(next, 50));
  expect(existsSync(address.path)).toBe(false);
  expect(await troubleOf(fresh.read('SELECT 1'))).toBe('unreachable');
  fresh.begin();
  fresh.begin();
  await fresh.opened();
  expect(await fresh.write([row('a')])).toEqual([1]);
  await fresh.close();

  store = openStore(address, needs);
  expect(store.isNew).toBe(false);
  await store.opened();
  expect(await countOf(store)).toBe(1);
});

test('one that never began can be closed', async () => {
  const path = join(folder, 'relay.db');
  const unused = openStore({ kind: 'sqlite', path }, { system: createSystem(), log, newOnesWait: true });
  await unused.close();
  expect(existsSync(path)).toBe(false);
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
  await eventually(() => {
    expect(heard).toBe(1);
  });
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
  const startedAt = quietNow();
  for (let index = 0; index < 25; index += 1) writer.add(`item ${index}`);
  await eventually(async () => {
    // Three batches with an id each.
    expect(await countOf(there)).toBe(28);
  });
  expect(quietNow() - startedAt).toBeLessThan(1000);
  expect(writer.waiting).toBe(0);
  await writer.close();
});

/** Tells of each transaction how many batches it held. */
const counted = (of: Store): Pick<Store, 'write' | 'onReady'> & { readonly batches: readonly number[] } => {
  const batches: number[] = [];
  return {
    batches,
    onReady: () => undefined,
    write: (writes) => {
      const [once] = writes;
      batches.push(once && 'rows' in once ? once.rows.length : 0);
      return of.write(writes);
    },
  };
};

test('batches that fill within the second wait for it together, and are one transaction', async () => {
  const there = open();
  await there.opened();
  const watched = counted(there);
  const toWrites = (batch: readonly string[]) => batch.map(row);
  const settings = { store: watched, system: createSystem(), createBatch: batchesOf(toWrites), batchSize: 10 };
  const writer = createWriter<string>(settings);
  for (let index = 0; index < 45; index += 1) writer.add(`item ${index}`);
  await new Promise((resolve) => setImmediate(resolve));
  expect([watched.batches, writer.waiting]).toEqual([[], 45]);
  await writer.flush();
  expect([watched.batches, writer.waiting]).toEqual([[5], 0]);
  expect(await countOf(there)).toBe(50);
});

test('what comes while others are written waits for its own time, and no transaction grows long', async () => {
  const there = open();
  await there.opened();
  const watched = counted(there);
  const writer = createWriter<string>({
    store: watched,
    system: createSystem(),
    createBatch: batchesOf((batch) => batch.map(row)),
    ...{ batchSize: 10, together: 3, everyMs: 60_000 },
  });
  for (let index = 0; index < 305; index += 1) {
    writer.add(`item ${index}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await writer.flush();
  expect(writer.waiting).toBe(0);
  // Of thirty batches, and of five items that wait for the end.
  expect(watched.batches.reduce((sum, count) => sum + count)).toBe(31);
  expect(Math.max(...watched.batches)).toBe(3);
  expect(watched.batches.length).toBeLessThanOrEqual(20);
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
  await eventually(async () => {
    expect(await countOf(away)).toBe(33);
  });
  expect(writer.waiting).toBe(0);
});

test('while the database is away what comes now and then is still packed in whole batches', async () => {
  const path = join(folder, 'relay.db');
  mkdirSync(path);
  const away = open(path);
  const packed: number[] = [];
  const writer = createWriter<string>({
    store: away,
    system: createSystem(),
    createBatch: () => {
      const items: string[] = [];
      return {
        add: (item) => items.push(item),
        toWrites: () => {
          packed.push(items.length);
          return items.map(row);
        },
      };
    },
    ...{ batchSize: 10, everyMs: 1 },
  });
  for (let index = 0; index < 25; index += 1) {
    writer.add(`item ${index}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  rmSync(path, { recursive: true });
  await eventually(() => {
    expect(writer.waiting).toBe(0);
  });
  // The first try has closed a batch; what came after it was no further one with each try.
  expect(await countOf(away)).toBeLessThanOrEqual(25 + 4);
  expect(Math.max(...packed)).toBe(10);
  await writer.close();
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

test('a batch that the store will never take stands in no way, nor of those that were tried with it', async () => {
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
