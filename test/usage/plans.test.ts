/** How SQLite finds what is asked of single requests: by an index, in the order in which they are shown. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import type { Row, Value } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { cleanUpOnce } from '../../src/usage/clean-up.ts';
import { readUsageReport } from '../../src/usage/report.ts';
import { readRequestPage } from '../../src/usage/request-list.ts';

const NOW = Date.UTC(2026, 10, 28, 18, 30);
const DAY_MS = 86_400_000;
const BEFORE = { time: NOW, place: `${NOW}-abcdefgh-000000001` };

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plans-'));
  store = openStore({ kind: 'sqlite', path: join(folder, 'relay.db') }, { system: createSystem(), log: silentLogger });
  await store.opened();
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What SQLite does for each of the questions to `requests` that this asks. */
const plansOf = async (ask: (asked: Store) => Promise<unknown>): Promise<readonly string[]> => {
  const asked: (readonly [sql: string, values: readonly Value[]])[] = [];
  const note = async (sql: string, values: readonly Value[] = []): Promise<readonly Row[]> => {
    asked.push([sql, values]);
    return store.read(sql, values);
  };
  await ask({
    ...store,
    survey: note,
    ranks: async ({ name, from, values }) => {
      await note(`SELECT ${name} FROM ${from}`, values);
      return [];
    },
    write: async (writes) => {
      for (const write of writes) if ('sql' in write) asked.push([write.sql, write.values ?? []]);
      return store.write(writes);
    },
  });
  const plans = await Promise.all(
    asked
      .filter(([sql]) => / requests /.test(sql))
      .map(async ([sql, values]) =>
        (await store.read(`EXPLAIN QUERY PLAN ${sql}`, values)).map(({ detail }) => detail),
      ),
  );
  return plans.flat().map(String);
};

const ALL_KEYS = /^SEARCH requests USING (COVERING )?INDEX sqlite_autoindex_requests_1 \(place>\? AND place<\?\)$/;
const ONE_KEY = /^SEARCH requests USING (COVERING )?INDEX requests_key_time \(key=\? AND time>\? AND time<\?\)$/;

test.each([
  ['of all keys', {}, /^SEARCH requests USING INDEX sqlite_autoindex_requests_1 \(place>\?/],
  ['of one key', { key: 'anna' }, /^SEARCH requests USING INDEX requests_key_time \(key=\? AND time>\?/],
] as const)('a page %s is read from its index, as long as it is and no further', async (_name, names, plan) => {
  const needs = { now: NOW, keepDays: 30 };
  for (const before of [undefined, BEFORE]) {
    const plans = await plansOf((asked) =>
      readRequestPage({ limit: 50, before, ...names }, { store: asked, ...needs }),
    );
    // A sort would be a line of its own.
    expect(plans).toEqual([expect.stringMatching(plan)]);
  }
});

test.each([
  ['of all keys', {}, ALL_KEYS],
  ['of one key', { key: 'anna' }, ONE_KEY],
] as const)('a report %s reads the requests of its time alone', async (_name, names, plan) => {
  const question = { group: 'hour', from: NOW - DAY_MS, to: NOW, ...names } as const;
  const plans = await plansOf((asked) => readUsageReport(question, { store: asked, now: NOW, keepDays: 30 }));
  expect(plans.filter((line) => line.includes('requests'))).toEqual([
    expect.stringMatching(plan),
    expect.stringMatching(plan),
  ]);
});

test('what is too old is found without looking at what is not', async () => {
  const needs = { system: { ...createSystem(), now: () => NOW }, keepDays: () => 30, signal: AbortSignal.abort() };
  const plans = await plansOf((asked) => cleanUpOnce({ store: asked, ...needs }));
  expect(plans.filter((line) => /requests/.test(line))).toContainEqual(
    expect.stringMatching(/^SEARCH requests USING COVERING INDEX sqlite_autoindex_requests_1 \(place<\?\)$/),
  );
  expect(plans.filter((line) => line.startsWith('SCAN requests'))).toEqual([]);
});
