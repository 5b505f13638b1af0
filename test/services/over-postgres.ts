/** Stores in a PostgreSQL of the tests' own, each in a database of its own. */
import { afterAll, beforeAll } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';

interface StoreRig {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export const overPostgres = (name: string): (() => Promise<StoreRig>) => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  let count = 0;
  return async () => {
    count += 1;
    const url = await postgres.url(`${name}${count}`);
    return {
      open: async () => {
        const store = openStore({ kind: 'postgres', url }, { system: createSystem(), log: silentLogger });
        await store.opened();
        return store;
      },
      remove: () => Promise.resolve(),
    };
  };
};
