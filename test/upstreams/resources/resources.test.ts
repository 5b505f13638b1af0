import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileNameIn, resourcesIn } from '../../../src/gemini/resources.ts';
import type { Resources } from '../../../src/gemini/resources.ts';
import { openStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/store.ts';
import { createSystem } from '../../../src/system.ts';
import { createResources } from '../../../src/upstreams/resources/resources.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

const HOUR_MS = 3_600_000;
let folder: string;
let stores: Store[];
let now: number;
let doors: Map<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resources-'));
  stores = [];
  now = 1_000_000;
  doors = new Map([
    ['gemini-api:a', 'key a'],
    ['gemini-api:b', 'key b'],
  ]);
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(folder, { recursive: true, force: true });
});

const open = async (kind: 'sqlite' | 'none'): Promise<{ resources: Resources; store: Store }> => {
  const address = kind === 'none' ? { kind } : { kind, path: join(folder, 'relay.db') };
  const store = openStore(address, { system: createSystem(), log: createMemoryLog() });
  stores.push(store);
  await store.opened();
  const resources = createResources({
    store,
    identityOf: (door) => doors.get(door),
    doorOf: (identity) => [...doors].find(([, known]) => known === identity)?.[0],
    system: { now: () => now },
    log: createMemoryLog(),
  });
  return { resources, store };
};
const file = { name: 'files/abc', door: 'gemini-api:a', owner: 'ann', endsAt: 1_000_000 + 48 * HOUR_MS };

describe.each(['sqlite', 'none'] as const)('with the store %s', (kind) => {
  test('what one key made is there for it, and for nobody else', async () => {
    const { resources } = await open(kind);
    await resources.bind(file);
    expect(await resources.find('files/abc', 'ann')).toEqual(file);
    expect(await resources.find('files/abc', 'bob')).toBeUndefined();
    expect(await resources.find('files/other', 'ann')).toBeUndefined();
    expect(await resources.ownerOf('files/abc')).toBe('ann');
    expect(await resources.ownerOf('files/other')).toBeUndefined();
  });

  test('lists are one owner’s and one kind’s, newest first', async () => {
    const { resources } = await open(kind);
    for (const [name, owner] of [
      ['files/1', 'ann'],
      ['files/2', 'ann'],
      ['files/3', 'bob'],
      ['batches/4', 'ann'],
      ['models/veo/operations/5', 'ann'],
    ] as const) {
      now += 1;
      await resources.bind({ ...file, name, owner });
    }
    expect((await resources.list('ann', 'files')).map(({ name }) => name)).toEqual(['files/2', 'files/1']);
    expect((await resources.list('ann', 'operations')).map(({ name }) => name)).toEqual(['models/veo/operations/5']);
    expect(await resources.list('eve', 'files')).toEqual([]);
  });

  test('over when Google forgets it, when it is deleted, and when its door is gone; a new label is the same door', async () => {
    const { resources } = await open(kind);
    await resources.bind(file);
    doors = new Map([['gemini-api:renamed', 'key a']]);
    expect(await resources.find('files/abc', 'ann')).toMatchObject({ door: 'gemini-api:renamed' });
    doors = new Map();
    expect(await resources.find('files/abc', 'ann')).toBeUndefined();
    doors = new Map([['gemini-api:a', 'key a']]);
    await resources.bind({ ...file, name: 'files/gone' });
    await resources.forget('files/gone');
    expect(await resources.find('files/gone', 'ann')).toBeUndefined();
    now += 48 * HOUR_MS;
    expect(await resources.find('files/abc', 'ann')).toBeUndefined();
    expect(await resources.list('ann', 'files')).toEqual([]);
  });

  test('memory is bounded', async () => {
    const { resources } = await open('none');
    for (let index = 0; index < 10_010; index += 1) await resources.bind({ ...file, name: `files/${index}` });
    expect(await resources.find('files/9', 'ann')).toBeUndefined();
    expect(await resources.find('files/10', 'ann')).toBeDefined();
  });
});

test('it is found again after a restart', async () => {
  const before = await open('sqlite');
  await before.resources.bind(file);
  await before.store.close();
  const { resources } = await open('sqlite');
  expect(await resources.find('files/abc', 'ann')).toEqual(file);
});

test('rows that are over are deleted with the next that is made, and so are the oldest of very many', async () => {
  const { resources, store } = await open('sqlite');
  await resources.bind(file);
  now += 49 * HOUR_MS;
  const rows = Array.from({ length: 10_000 }, (_none, index) => [
    ...[`files/old-${index}`, 'files', 'key a', 'ann', 5 + index, now + HOUR_MS],
  ]);
  await store.write([{ into: 'resources (name, collection, identity, owner, made_at, ends_at)', rows }]);
  await resources.bind({ ...file, name: 'files/new', endsAt: now + HOUR_MS });
  const [count] = await store.read("SELECT COUNT(*) AS many FROM resources WHERE owner = 'ann'");
  expect(Number(count?.['many'])).toBe(10_000);
  expect(await resources.find('files/old-0', 'ann')).toBeUndefined();
  expect(await resources.ownerOf('files/abc')).toBe('ann');
});

test('a database that is away: what this process knows goes on, the rest is no 404', async () => {
  const { resources, store } = await open('sqlite');
  await store.close();
  await resources.bind(file);
  expect(await resources.find('files/abc', 'ann')).toEqual(file);
  await expect(resources.find('files/other', 'ann')).rejects.toMatchObject({ reason: 'resources_unavailable' });
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
