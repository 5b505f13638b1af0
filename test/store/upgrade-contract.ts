/** What `test/fixtures/store/version-3.sql` holds, whichever engine has brought it to this version. */
import { expect } from 'vitest';
import { digestOf } from '../../src/callers/caller.ts';
import { createClientKeys } from '../../src/keys/client-keys.ts';
import { silentLogger } from '../../src/log.ts';
import { MIGRATIONS, VERSION_TABLE } from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { createStateTable } from '../../src/upstreams/cooldown/state-table.ts';
import { readUsageReport } from '../../src/usage/report.ts';
import { readRequestPage } from '../../src/usage/request-list.ts';

const NOW = Date.UTC(2026, 10, 28, 18, 30);
const DAY_MS = 86_400_000;
/** Of a key that was made for this file alone. */
const SECRET_OF_ANNA = 'gcr_QDsaEnxE5V53RMm6raj1HQANfmPKtW1qmjFyzSOM';

export const hasAllOfVersion3 = async (store: Store): Promise<void> => {
  expect(store.state()).toEqual({ ok: true });
  expect(await store.read(`SELECT version FROM ${VERSION_TABLE}`)).toEqual([{ version: MIGRATIONS.length }]);

  const system = { ...createSystem(), now: () => NOW };
  const clients = createClientKeys({ store, system, log: silentLogger });
  expect(await clients.callers.known(new AbortController().signal)).toBe(true);
  const anna = clients.callers.find(digestOf(SECRET_OF_ANNA));
  expect(anna).toMatchObject({ name: 'anna', models: ['gemini-2.5-*'], limits: { rpm: 10, cost_per_month: 5 } });
  expect(clients.counters.useOf(anna?.id ?? '', 'requests_per_day').used).toBe(3);
  expect(clients.counters.useOf(anna?.id ?? '', 'cost_per_month').used).toBe(3);
  expect(clients.keyOf('key_14d41e069368cfa23b87cd01')).toMatchObject({ name: 'bert', secrets: [{}, {}] });
  await clients.close();

  const needs = { store, now: NOW, keepDays: 30 };
  const question = { group: 'key', from: NOW - 3 * DAY_MS, to: NOW + DAY_MS } as const;
  const { rows, totals } = await readUsageReport(question, needs);
  expect(rows.map(({ group, requests }) => [group, requests])).toEqual([
    ['agent', 5],
    ['grandma', 3],
    ['kitchen-radio', 3],
    ['GEMINI_AUTH_PASSWORD', 1],
  ]);
  expect(totals).toMatchObject({ requests: 12, unpriced: 1 });
  expect((await readRequestPage({ limit: 500 }, needs)).rows).toHaveLength(12);
  expect((await readRequestPage({ limit: 500, key: 'agent' }, needs)).rows).toHaveLength(5);
  const doors = await createStateTable(store).load();
  expect(doors.map(({ door, model }) => [door, model])).toEqual([
    ['gemini-api:spare', ''],
    ['code-assist', 'gemini-2.5-pro'],
  ]);
};
