import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store, StoreAddress } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { answersSoon } from '../usage/many-contract.ts';
import { describeReport } from '../usage/report-contract.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const open = async (address: StoreAddress): Promise<Store> => {
  const store = openStore(address, { system: createSystem(), log: silentLogger });
  await store.opened();
  return store;
};

describeReport('PostgreSQL', async () => open({ kind: 'postgres', url: await postgres.url('usage') }));

test('PostgreSQL: reports of 200,000 requests in 29 days take seconds, and no write waits for them', async () => {
  const store = await open({ kind: 'postgres', url: await postgres.url('many') });
  await answersSoon(store, 200_000);
  await store.close();
}, 120_000);

test('SQLite: reports of 500,000 requests in 29 days take seconds, and no write waits for them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'many-'));
  const store = await open({ kind: 'sqlite', path: join(folder, 'relay.db') });
  await answersSoon(store, 500_000);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);
