import { afterAll, beforeAll } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { describeReport } from '../usage/report-contract.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describeReport('PostgreSQL', async () => {
  const url = await postgres.url('usage');
  const store = openStore({ kind: 'postgres', url }, { system: createSystem(), log: silentLogger });
  await store.opened();
  return store;
});
