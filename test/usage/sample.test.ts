import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSampleData } from '../../src/program/sample-data.ts';
import { createKeyStore } from '../../src/keys/key-store.ts';
import { readUsageReport } from '../../src/usage/report.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { DATABASE_URL: undefined } });
});
afterAll(() => relay.close());

test('weeks of it, over models, keys and clients, with a few errors, and none in the future', async () => {
  const { store } = relay.relay.parts;
  await writeSampleData(relay.relay.parts, 'code-assist');
  const now = Date.now();
  const of = (group: 'day' | 'model' | 'key') =>
    readUsageReport({ group, from: now - 40 * 86_400_000, to: now + 86_400_000 }, { store, now, keepDays: 60 });
  const [days, models, keys] = await Promise.all([of('day'), of('model'), of('key')]);
  expect(days.rows.length).toBeGreaterThan(30);
  expect(models.rows.length).toBeGreaterThan(4);
  expect(keys.rows.map(({ group }) => group)).toContain('team-bot');
  const { requests, errors, cost_usd: cost } = days.totals;
  expect(errors / requests).toBeGreaterThan(0.01);
  expect(errors / requests).toBeLessThan(0.1);
  expect(cost).toBeGreaterThan(1);
  const [bot] = (await createKeyStore(store, relay.relay.parts.formatParts.system).list()).filter(
    ({ name }) => name === 'team-bot',
  );
  expect(now - (bot?.lastUsedAt ?? 0)).toBeLessThan(3 * 86_400_000);
  expect(await store.read('SELECT COUNT(*) AS late FROM requests WHERE time > ?', [Date.now()])).toEqual([{ late: 0 }]);
});
