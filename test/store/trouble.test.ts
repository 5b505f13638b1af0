/** A store in trouble: said once, opened at a decent pace, and read where it can be read. */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../src/store/database.ts';
import { isMissing } from '../../src/store/missing.ts';
import { PROBE } from '../../src/store/schema.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createTroubleTeller } from '../../src/store/telling-trouble.ts';
import { createSystem } from '../../src/system.ts';
import { eventually } from '../support/eventually.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import type { MemoryLog } from '../support/memory-log.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { troubleOf } from './contract.ts';

let path: string;
let log: MemoryLog;
let store: Store | undefined;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'trouble-')), 'relay.db');
  log = createMemoryLog();
});
afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(join(path, '..'), { recursive: true, force: true });
});

const open = async (): Promise<Store> => {
  store = openStore({ kind: 'sqlite', path }, { system: createSystem(), log });
  await store.opened();
  return store;
};
const row = (id: string) => ({ into: 'batches (id, time)', rows: [[id, 1]] });
const large = (id: string) => row(id.repeat(100_000));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Who has something to write tries at once when it is told that the store is back, as usage and keys do. */
const tryAgainAlways = (of: Store, id: string): (() => number) => {
  let told = 0;
  of.onReady(() => {
    told += 1;
    void of.write([large(id)]).catch(() => undefined);
  });
  return () => told;
};

test('a full one stays open: it is read on, said once, and well again with the first write that it takes', async () => {
  const full = await open();
  await full.write([row('before')]);
  const [pages] = await full.read('PRAGMA page_count');
  await full.read(`PRAGMA max_page_count = ${String(pages?.['page_count'])}`);
  const told = tryAgainAlways(full, 'x');
  await eventually(() => {
    expect(full.state()).toMatchObject({ ok: false, trouble: 'full' });
  });
  for (let count = 0; count < 20; count += 1) {
    expect(await troubleOf(full.write([large('y')]))).toBe('full');
    // It says nothing of whether it can be written.
    expect(await full.read("SELECT id FROM batches WHERE id = 'before'")).toEqual([{ id: 'before' }]);
    expect(full.state()).toMatchObject({ ok: false, trouble: 'full' });
  }
  expect(told()).toBe(1);
  expect([log.of('warn'), log.of('info')]).toEqual([['store in trouble'], []]);

  await full.read('PRAGMA max_page_count = 1000000');
  expect(await full.write([large('y')])).toEqual([1]);
  // Who was refused hears that it is over, and tries again.
  expect(told()).toBe(2);
  await eventually(async () => {
    expect(await full.read("SELECT COUNT(*) AS count FROM batches WHERE id LIKE 'x%'")).toEqual([{ count: 1 }]);
  });
  expect(full.state()).toEqual({ ok: true });
  expect([log.of('warn'), log.of('info')]).toEqual([['store in trouble'], ['store is back']]);
});

/** A page in the middle of a file whose other pages are whole. */
const damage = (): void => {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const root = Number(
    database.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'batches'").get()?.['rootpage'],
  );
  const size = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  database.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(size, 'no page '), 0, size, (root - 1) * size);
  closeSync(file);
};

test('one that opens and then refuses to be written is not opened without end, and said once', async () => {
  await (await open()).close();
  damage();
  const damaged = await open();
  const told = tryAgainAlways(damaged, 'x');
  await eventually(() => {
    expect(damaged.state()).toMatchObject({ ok: false, trouble: 'corrupt' });
  });
  await pause(1500);
  // At once, and after a second.
  expect(told()).toBeLessThanOrEqual(3);
  expect(log.of('warn')).toEqual(['store in trouble']);
});

test('what is tried before one is called well is really written, and changes nothing', async () => {
  const there = await open();
  const sizeOfLog = (): number => statSync(`${path}-wal`).size;
  const version = () => there.read('SELECT version FROM relay_schema');
  const before = await version();
  // A write that leaves its row as it was is none for SQLite.
  const first = sizeOfLog();
  await there.write(PROBE);
  expect(sizeOfLog()).toBeGreaterThan(first);
  expect(await version()).toEqual(before);
});

test('a file that the system refuses to look at is not taken for none', async () => {
  symlinkSync(path, path);
  expect(() => statSync(path)).toThrow('ELOOP');
  expect([isMissing(path), isMissing(`${path}x`), isMissing(join(path, '..'))]).toEqual([false, true, false]);
  const needs = { system: createSystem(), log, newOnesWait: true };
  store = openStore({ kind: 'sqlite', path }, needs);
  expect(store.isNew).toBe(false);
  // It did not wait to be told to begin.
  await store.opened();
  expect(store.state()).toMatchObject({
    trouble: 'unreachable',
    message: expect.stringContaining('The database file cannot be read') as string,
  });
  unlinkSync(path);
  await eventually(() => {
    expect(store?.state()).toEqual({ ok: true });
  });
});

describe('what is said of trouble', () => {
  const full = new StoreError('full', 'no room');

  test('that comes and goes is said once a minute, with its end; one that stays is said after all', async () => {
    const system = createVirtualSystem();
    const trouble = createTroubleTeller('sqlite', { system, log });
    for (let count = 0; count < 50; count += 1) {
      trouble.found(full);
      expect(trouble.state()).toMatchObject({ ok: false, trouble: 'full' });
      trouble.over();
      expect(trouble.state()).toBeUndefined();
      await system.advance(1000);
    }
    expect([log.of('warn'), log.of('info')]).toEqual([['store in trouble'], ['store is back']]);
    for (let count = 0; count < 50; count += 1) {
      trouble.found(full);
      await system.advance(1000);
    }
    trouble.over();
    expect([log.of('warn').length, log.of('info').length]).toEqual([2, 2]);
  });

  test('of another kind is said by itself', () => {
    const trouble = createTroubleTeller('sqlite', { system: createVirtualSystem(), log });
    trouble.found(full);
    trouble.found(full);
    trouble.found(new StoreError('corrupt', 'damaged'));
    trouble.over();
    expect([log.of('warn').length, log.of('info').length]).toEqual([2, 1]);
  });
});
