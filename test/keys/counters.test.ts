import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { describeKeys } from './contract.ts';

describeKeys('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'counters-'));
  return Promise.resolve({
    open: async () => {
      const address = { kind: 'sqlite', path: join(folder, 'relay.db') } as const;
      const store = openStore(address, { system: createSystem(), log: silentLogger });
      await store.opened();
      return store;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});
