import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { perLimit } from '../../src/callers/limits.ts';
import { createKeyStore } from '../../src/keys/key-store.ts';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store, StoreAddress } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';

const KEEPER = new URL('./keeper.ts', import.meta.url).pathname;
/** As a checkout starts: what is compiled is kept. */
const BEGINNING = new URL('../../src/program/beginning.cjs', import.meta.url).pathname;
/** Long enough for some of it to be older than what a kill may cost. */
const LONGEST_LIFE_MS = 4000;
/** What a kill may cost. */
const LOST_MS = 2000;
/** So many kills before everything is looked through: nobody may write meanwhile. */
const LOOK_AFTER = 40;
const KEYS = ['anna', 'bert', 'carla'];

export interface Kills {
  /** In all. */
  readonly times: number;
  /** Relays that keep in the same place at one time. */
  readonly together: number;
}

/** Kills keepers at random points, and looks each time whether all is there that must be. Gives the store, open. */
export const killAtRandom = async (
  address: Exclude<StoreAddress, { kind: 'none' }>,
  { times, together }: Kills,
): Promise<Store> => {
  const system = createSystem();
  const store = openStore(address, { system, log: silentLogger });
  await store.opened();
  const settings = { models: [], doors: [], expiresAt: null, limits: perLimit(() => null) };
  const made = await Promise.all(KEYS.map((name) => createKeyStore(store, system).add(name, settings)));
  const keys = made.map(({ key }) => key.id);
  const must = new Map(keys.map((key) => [key, 0]));
  const may = new Map(must);
  for (let left = times; left > 0; left -= LOOK_AFTER) {
    const begunAt = Date.now();
    const lives = await liveInTurn(Math.min(left, LOOK_AFTER), together, () => liveAndDie(address, keys));
    const rows = await store.read('SELECT id FROM requests WHERE time >= ?', [begunAt]);
    const kept = new Set(rows.map(({ id }) => id));
    for (const { killedAt, told } of lives) {
      const old = told.filter(({ time }) => time < killedAt - LOST_MS);
      expect(
        old.filter(({ id }) => !kept.has(id)),
        `killed at ${killedAt}`,
      ).toEqual([]);
      for (const { key } of old) must.set(key, (must.get(key) ?? 0) + 1);
      for (const { key } of told) may.set(key, (may.get(key) ?? 0) + 1);
    }
    await checkCounts(store, must, may);
  }
  return store;
};

/** So many lives, so many at one time: where one ends, the next begins. */
const liveInTurn = async (count: number, together: number, live: () => Promise<Life>): Promise<readonly Life[]> => {
  const lives: Life[] = [];
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      lives.push(await live());
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  return lives;
};

/** No more than was used, no less but for the last two seconds of each life; and all that belongs together. */
const checkCounts = async (
  store: Store,
  must: ReadonlyMap<string, number>,
  may: ReadonlyMap<string, number>,
): Promise<void> => {
  const rows = await store.read(
    `SELECT key_id, SUM(requests) AS requests, SUM(tokens) AS tokens, SUM(cost_nanos) AS cost
      FROM client_key_counts WHERE LENGTH(period) = 7 GROUP BY key_id`,
  );
  for (const row of rows) {
    const key = String(row['key_id']);
    const requests = Number(row['requests']);
    expect(requests).toBeGreaterThanOrEqual(must.get(key) ?? 0);
    expect(requests).toBeLessThanOrEqual(may.get(key) ?? 0);
    expect([Number(row['tokens']), Number(row['cost'])]).toEqual([requests * 3, requests * 7]);
  }
  expect(rows).toHaveLength(must.size);
};

interface Life {
  readonly killedAt: number;
  readonly told: readonly { readonly id: string; readonly time: number; readonly key: string }[];
}

const liveAndDie = async (address: Exclude<StoreAddress, { kind: 'none' }>, keys: readonly string[]): Promise<Life> => {
  const place = address.kind === 'sqlite' ? address.path : address.url;
  const flags = ['-r', BEGINNING, '--disable-warning=ExperimentalWarning', KEEPER, address.kind, place, keys.join(',')];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      resolve();
    });
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  await Promise.race([begun, ended]);
  await delay(Math.random() * LONGEST_LIFE_MS);
  const killedAt = Date.now();
  child.kill('SIGKILL');
  await ended;
  const told = out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .map(([id = '', time, key = '']) => ({ id, time: Number(time), key }));
  expect(told.length).toBeGreaterThan(0);
  return { killedAt, told };
};
