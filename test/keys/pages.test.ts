/** Very many keys are read page by page, so that requests are served between two of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { createKeyStore, readKeyPages } from '../../src/keys/key-store.ts';
import { openStore } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { createMemoryLog } from '../support/memory-log.ts';

const COUNT = 2500;

test('all keys are there, each once, also those at the edge of a page', async () => {
  const system = createSystem();
  const folder = mkdtempSync(join(tmpdir(), 'key-pages-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const store = openStore({ kind: 'sqlite', path: join(folder, 'relay.db') }, { system, log: createMemoryLog() });
  await store.opened();
  const ids = Array.from({ length: COUNT }, (_, index) => String(index));
  await store.write([
    {
      into: 'client_keys (id, name, disabled, created_at, models, doors)',
      rows: ids.map((id) => [id, `Key-${Number(id) % 2 ? 'a' : 'B'}${id}`, 0, 0, '[]', '[]']),
    },
    {
      into: 'client_key_secrets (digest, key_id, prefix, ends_at)',
      rows: ids.map((id) => [`digest-${id}`, id, 'gcr_0000', null]),
    },
  ]);
  const pages = await Array.fromAsync(readKeyPages(store));
  expect(pages.length).toBeGreaterThan(2);
  expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(1000);
  const ring = createKeyRing(system);
  expect(await ring.replace(readKeyPages(store))).toEqual(new Set(ids));
  for (const id of ids) expect(ring.find(`digest-${id}`)?.id).toBe(id);
  expect(await createKeyStore(store, system).list()).toHaveLength(COUNT);
  await store.close();
});
