import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileNameIn, resourcesIn } from '../../../src/gemini/resources.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store, StoreAddress } from '../../../src/store/store.ts';
import { createSystem } from '../../../src/system.ts';
import { eventually } from '../../support/eventually.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { describeResources, FILE, newWorld, resourcesAt } from './contract.ts';

const open = async (address: StoreAddress): Promise<Store> => {
  const store = openStore(address, { system: createSystem(), log: createMemoryLog() });
  await store.opened();
  return store;
};

describeResources('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resources-'));
  return Promise.resolve({
    open: () => open({ kind: 'sqlite', path: join(folder, 'relay.db') }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
});

describeResources(
  'memory alone',
  () => Promise.resolve({ open: () => open({ kind: 'none' }), remove: () => Promise.resolve() }),
  false,
);

test('what a full database refused is in it once there is room', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resources-'));
  const store = await open({ kind: 'sqlite', path: join(folder, 'relay.db') });
  const [pages] = await store.read('PRAGMA page_count');
  await store.read(`PRAGMA max_page_count = ${String(pages?.['page_count'])}`);
  await resourcesAt(store, newWorld()).bind({ ...FILE, note: 'a'.repeat(100_000) });
  expect(store.state()).toMatchObject({ ok: false, trouble: 'full' });
  await store.read('PRAGMA max_page_count = 1000000');
  // Anything that somebody writes.
  await store.write([{ into: 'batches (id, time)', rows: [['other', 1]] }]);
  await eventually(async () => {
    expect(await resourcesAt(store, newWorld()).find(FILE.name, FILE.owner)).toBeDefined();
  });
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test('memory is bounded', async () => {
  const resources = resourcesAt(await open({ kind: 'none' }), newWorld());
  for (let index = 0; index < 10_010; index += 1) await resources.bind({ ...FILE, name: `files/${index}` });
  expect(await resources.find('files/9', 'ann')).toBeUndefined();
  expect(await resources.find('files/10', 'ann')).toBeDefined();
});

test('what a request names', () => {
  const uri = 'https://generativelanguage.googleapis.com/v1beta/files/abc-1';
  const fileData = (fileUri: string) => ({ fileData: { fileUri, mimeType: 'image/png' } });
  expect(
    resourcesIn({
      cachedContent: 'cachedContents/x',
      systemInstruction: { parts: [fileData('files/s')] },
      contents: [
        { role: 'user', parts: [fileData(uri), { text: 'files/no' }, fileData('https://youtu.be/x')] },
        {
          role: 'user',
          parts: [{ functionResponse: { name: 'f', response: {}, parts: [fileData(uri), fileData('files/r')] } }],
        },
      ],
    }),
  ).toEqual(['cachedContents/x', 'files/abc-1', 'files/r', 'files/s']);
  expect(resourcesIn({ contents: [{ parts: [{ text: 'files/x' }] }] })).toEqual([]);
  expect(
    ['gs://b/files/x', 'https://x.test/files/y', 'https://relay.test/v1/files/z', 'files/a/b'].map(fileNameIn),
  ).toEqual([undefined, undefined, 'files/z', undefined]);
});
