import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { describeReport } from './report-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describeReport('SQLite', async () => {
  const store = openStore(
    { kind: 'sqlite', path: join(folder, 'relay.db') },
    { system: createSystem(), log: silentLogger },
  );
  await store.opened();
  return store;
});
