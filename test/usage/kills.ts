import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store, StoreAddress } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';

const KEEPER = new URL('./keeper.ts', import.meta.url).pathname;
const LONGEST_LIFE_MS = 4500;
/** What a kill may cost. */
const LOST_MS = 2000;

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
  const store = openStore(address, { system: createSystem(), log: silentLogger });
  await store.opened();
  for (let killed = 0; killed < times; killed += together) {
    const lives = await Promise.all(Array.from({ length: together }, () => liveAndDie(address)));
    const rows = await store.read('SELECT id FROM requests');
    const kept = new Set(rows.map(({ id }) => id));
    for (const { killedAt, told } of lives) {
      const lost = told.filter(({ id, time }) => time < killedAt - LOST_MS && !kept.has(id));
      expect(lost, `killed at ${killedAt}`).toEqual([]);
    }
  }
  return store;
};

interface Life {
  readonly killedAt: number;
  readonly told: readonly { readonly id: string; readonly time: number }[];
}

const liveAndDie = async (address: Exclude<StoreAddress, { kind: 'none' }>): Promise<Life> => {
  const place = address.kind === 'sqlite' ? address.path : address.url;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', KEEPER, address.kind, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
    .map(([id = '', time]) => ({ id, time: Number(time) }));
  expect(told.length).toBeGreaterThan(0);
  return { killedAt, told };
};
