/** Very many client keys in a PostgreSQL: what each relay pays to know them, and when a change of one is known. */
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClientKeys } from '../../src/keys/client-keys.ts';
import { createKeyStore } from '../../src/keys/key-store.ts';
import { silentLogger } from '../../src/log.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { startPostgres } from '../services/postgres.ts';

const BATCH = 10_000;
const system = createSystem();

export const measureKeys = async (count: number): Promise<readonly string[]> => {
  const postgres = await startPostgres();
  const url = await postgres.url('keys');
  const open = async (): Promise<Store> => {
    const store = openStore({ kind: 'postgres', url }, { system, log: silentLogger });
    await store.opened();
    return store;
  };
  const owner = await open();
  await fill(owner, count);
  const before = memoryNow();
  const [cpu, lag, from] = [process.cpuUsage(), monitorEventLoopDelay({ resolution: 5 }), performance.now()];
  lag.enable();
  const store = await open();
  const keys = createClientKeys({ store, system, log: silentLogger });
  try {
    while (!keys.keyOf('key-0')) await sleep(5);
    const loadMs = performance.now() - from;
    lag.disable();
    const used = process.cpuUsage(cpu);
    const memory = memoryNow();
    const changed = await untilKnown(owner, keys);
    const peak = memoryNow();
    return [
      `${count} keys in a PostgreSQL: known ${seconds(loadMs)} s after the start; ` +
        `${seconds((used.user + used.system) / 1000)} s of the relay's CPU, ` +
        `turns of its event loop within ${Math.round(lag.percentile(99) / 1e6)} ms for 99 of 100 and ${Math.round(lag.max / 1e6)} at most`,
      `memory: ${memory.heap - before.heap} MB of heap for them; ${peak.rss} MB in all after they were taken in anew`,
      `a change of one of them is in force after ${seconds(changed)} s`,
    ];
  } finally {
    await keys.close();
    await store.close();
    await owner.close();
    await postgres.stop();
  }
};

const fill = async (store: Store, count: number): Promise<void> => {
  for (let done = 0; done < count; done += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) => done + index);
    await store.write([
      {
        into: 'client_keys (id, name, disabled, created_at, models, doors, rpm)',
        rows: numbers.map((number) => [`key-${number}`, `client-${number}`, 0, 0, '[]', '[]', 60]),
      },
      {
        into: 'client_key_secrets (digest, key_id, prefix, ends_at)',
        rows: numbers.map((number) => [digestOf(number), `key-${number}`, 'gcr_0000', null]),
      },
    ]);
  }
};

const digestOf = (number: number): string => createHash('sha256').update(String(number)).digest('hex');

const untilKnown = async (owner: Store, keys: ReturnType<typeof createClientKeys>): Promise<number> => {
  await createKeyStore(owner, system).change('client-1', { limits: { rpm: 7 } });
  const from = performance.now();
  while (keys.keyOf('key-1')?.limits.rpm !== 7) await sleep(5);
  return performance.now() - from;
};

const memoryNow = (): { readonly heap: number; readonly rss: number } => {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: Math.round(heapUsed / 1024 / 1024), rss: Math.round(rss / 1024 / 1024) };
};

const seconds = (ms: number): number => Math.round(ms / 100) / 10;
