/** What Google keeps for somebody, the same wherever the relay remembers it; each place runs through these tests. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Resources } from '../../../src/gemini/resources.ts';
import type { Store } from '../../../src/store/store.ts';
import { createResources } from '../../../src/upstreams/resources/resources.ts';
import { createMemoryLog } from '../../support/memory-log.ts';

export interface PlaceRig {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const HOUR_MS = 3_600_000;
export const FILE = { name: 'files/abc', door: 'gemini-api:a', owner: 'ann', endsAt: 1_000_000 + 48 * HOUR_MS };

/** What knows of two doors, at a time and of doors that a test may change. */
export interface World {
  now: number;
  doors: ReadonlyMap<string, string>;
}

export const newWorld = (): World => ({
  now: 1_000_000,
  doors: new Map([
    ['gemini-api:a', 'key a'],
    ['gemini-api:b', 'key b'],
  ]),
});

export const resourcesAt = (store: Store, world: World): Resources =>
  createResources({
    store,
    identityOf: (door) => world.doors.get(door),
    doorOf: (identity) => [...world.doors].find(([, known]) => known === identity)?.[0],
    system: { now: () => world.now },
    log: createMemoryLog(),
  });

export const describeResources = (name: string, createRig: () => Promise<PlaceRig>, lasts = true): void => {
  describe(`in ${name}`, () => {
    let rig: PlaceRig;
    let stores: Store[];
    let world: World;
    beforeEach(async () => {
      rig = await createRig();
      stores = [];
      world = newWorld();
    });
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await rig.remove();
    });
    const open = async (): Promise<{ resources: Resources; store: Store }> => {
      const store = await rig.open();
      stores.push(store);
      return { resources: resourcesAt(store, world), store };
    };

    test('what one key made is there for it, and for nobody else', async () => {
      const { resources } = await open();
      await resources.bind(FILE);
      expect(await resources.find('files/abc', 'ann')).toEqual(FILE);
      expect(await resources.find('files/abc', 'bob')).toBeUndefined();
      expect(await resources.find('files/other', 'ann')).toBeUndefined();
      expect(await resources.ownerOf('files/abc')).toBe('ann');
      expect(await resources.ownerOf('files/other')).toBeUndefined();
    });

    test('lists are one owner’s and one kind’s, newest first', async () => {
      const { resources } = await open();
      for (const [name, owner] of [
        ['files/1', 'ann'],
        ['files/2', 'ann'],
        ['files/3', 'bob'],
        ['batches/4', 'ann'],
        ['models/veo/operations/5', 'ann'],
      ] as const) {
        world.now += 1;
        await resources.bind({ ...FILE, name, owner });
      }
      expect((await resources.list('ann', 'files')).map(({ name }) => name)).toEqual(['files/2', 'files/1']);
      expect((await resources.list('ann', 'operations')).map(({ name }) => name)).toEqual(['models/veo/operations/5']);
      expect(await resources.list('eve', 'files')).toEqual([]);
    });

    test('over when Google forgets it, when it is deleted, and when its door is gone; a new label is the same door', async () => {
      const { resources } = await open();
      await resources.bind(FILE);
      world.doors = new Map([['gemini-api:renamed', 'key a']]);
      expect(await resources.find('files/abc', 'ann')).toMatchObject({ door: 'gemini-api:renamed' });
      world.doors = new Map();
      expect(await resources.find('files/abc', 'ann')).toBeUndefined();
      world.doors = new Map([['gemini-api:a', 'key a']]);
      await resources.bind({ ...FILE, name: 'files/gone' });
      await resources.forget('files/gone');
      expect(await resources.find('files/gone', 'ann')).toBeUndefined();
      world.now += 48 * HOUR_MS;
      expect(await resources.find('files/abc', 'ann')).toBeUndefined();
      expect(await resources.list('ann', 'files')).toEqual([]);
    });

    test('what it used is counted once, by its owner alone', async () => {
      const { resources } = await open();
      await resources.bind(FILE);
      expect(await resources.countOnce('files/abc', 'bob')).toBe(false);
      const both = await Promise.all(['ann', 'ann'].map((owner) => resources.countOnce('files/abc', owner)));
      expect(both.sort()).toEqual([false, true]);
      // As each answer does that names it.
      await resources.bind(FILE);
      expect(await resources.countOnce('files/abc', 'ann')).toBe(false);
      expect(await resources.countOnce('files/other', 'ann')).toBe(false);
    });

    if (!lasts) return;

    test('what it used is counted once by all relays, also by one that knew of it before', async () => {
      const [one, other] = [await open(), await open()];
      await one.resources.bind(FILE);
      expect(await other.resources.find('files/abc', 'ann')).toEqual(FILE);
      const both = await Promise.all([one, other].map(({ resources }) => resources.countOnce('files/abc', 'ann')));
      expect(both.sort()).toEqual([false, true]);
      await other.resources.bind({ ...FILE, name: 'files/second' });
      await one.resources.find('files/second', 'ann');
      expect(await other.resources.countOnce('files/second', 'ann')).toBe(true);
      await one.resources.bind({ ...FILE, name: 'files/second' });
      expect(await one.resources.countOnce('files/second', 'ann')).toBe(false);
      await Promise.all([one, other].map(({ store }) => store.close()));
      const { resources } = await open();
      expect(await resources.countOnce('files/abc', 'ann')).toBe(false);
    });

    test('it is found again after a restart', async () => {
      const before = await open();
      await before.resources.bind(FILE);
      await before.store.close();
      const { resources } = await open();
      expect(await resources.find('files/abc', 'ann')).toEqual(FILE);
    });

    test('rows that are over are deleted with the next that is made, and so are the oldest of very many', async () => {
      const { resources, store } = await open();
      await resources.bind(FILE);
      world.now += 49 * HOUR_MS;
      const rows = Array.from({ length: 10_000 }, (_none, index) => [
        ...[`files/old-${index}`, 'files', 'key a', 'ann', 5 + index, world.now + HOUR_MS],
      ]);
      await store.write([{ into: 'resources (name, collection, identity, owner, made_at, ends_at)', rows }]);
      await resources.bind({ ...FILE, name: 'files/new', endsAt: world.now + HOUR_MS });
      const [count] = await store.read("SELECT COUNT(*) AS many FROM resources WHERE owner = 'ann'");
      expect(Number(count?.['many'])).toBe(10_000);
      expect(await resources.find('files/old-0', 'ann')).toBeUndefined();
      expect(await resources.ownerOf('files/abc')).toBe('ann');
    });

    test('a database that is away: what this process knows goes on, the rest is no 404', async () => {
      const { resources, store } = await open();
      await store.close();
      await resources.bind(FILE);
      expect(await resources.find('files/abc', 'ann')).toEqual(FILE);
      expect(await resources.countOnce('files/abc', 'ann')).toBe(true);
      expect(await resources.countOnce('files/abc', 'ann')).toBe(false);
      await expect(resources.find('files/other', 'ann')).rejects.toMatchObject({ reason: 'resources_unavailable' });
    });
  });
};
