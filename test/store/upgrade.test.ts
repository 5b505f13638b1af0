/** A file that an older relay has left behind: brought to this version with all that is in it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { MIGRATIONS, VERSION_TABLE } from '../../src/store/schema.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { hasAllOfVersion3 } from './upgrade-contract.ts';

const LEFT_BEHIND = readFileSync(join(import.meta.dirname, '../fixtures/store/version-3.sql'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
let path: string;
let count = 0;
beforeEach(() => {
  path = join(folder, `relay-${(count += 1)}.db`);
  execAt(LEFT_BEHIND);
});
const execAt = (sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
};
const open = async (): Promise<Store> => {
  const store = openStore({ kind: 'sqlite', path }, { system: createSystem(), log: silentLogger });
  await store.opened();
  return store;
};

test('its keys, counters, sums, requests and doors are all there afterwards', async () => {
  const store = await open();
  await hasAllOfVersion3(store);
  await store.close();
});

test('one of a version to come is refused with the way out, and stays as it is to the last byte', async () => {
  execAt(`UPDATE ${VERSION_TABLE} SET version = ${MIGRATIONS.length + 1}`);
  const before = createHash('sha256').update(readFileSync(path)).digest('hex');
  const store = await open();
  expect(store.state()).toMatchObject({
    ok: false,
    trouble: 'newer',
    message: expect.stringMatching(
      /newer version of this relay and is left as it is\. Run that version, or set/,
    ) as string,
  });
  await store.close();
  expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(before);
});
