import { afterAll, beforeAll } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { describeResources } from '../upstreams/resources/contract.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

let count = 0;

describeResources('PostgreSQL', async () => {
  count += 1;
  const url = await postgres.url(`resources${count}`);
  return {
    open: async () => {
      const store = openStore({ kind: 'postgres', url }, { system: createSystem(), log: silentLogger });
      await store.opened();
      return store;
    },
    remove: () => Promise.resolve(),
  };
});
