/** Relays behind nginx are restarted by restart.sh, one after the other, under load: nobody's request fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { slowChunks } from '../../src/simulator/faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';
import { playCompose } from './compose.ts';
import { startNginx } from './nginx.ts';
import type { Nginx } from './nginx.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { freePort } from './service.ts';

const RELAYS = 3;
const CLIENTS = 6;
const SLOW_STREAMS = 3;
const WORDS = 20;
const RESTART = fileURLToPath(new URL('../../deploy/scale/restart.sh', import.meta.url));

let redis: Redis;
let simulator: Simulator;
let folder: string;
let ports: readonly number[];
let relays: SpawnedRelay[];
let nginx: Nginx;

const start = (port: number): SpawnedRelay =>
  spawnRelay(
    environmentOf(simulator, folder, {
      env: {
        PORT: String(port),
        REDIS_URL: redis.url,
        DATABASE_URL: `sqlite:${join(folder, 'relay.db')}`,
        TRUST_PROXY_HOPS: '1',
        LOG_LEVEL: 'warn',
      },
    }),
    folder,
  );
const isUp = async (port: number): Promise<void> => {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/livez`).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(50);
  }
};

beforeAll(async () => {
  redis = await startRedis();
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'rolling-'));
  ports = await Promise.all(Array.from({ length: RELAYS }, freePort));
  relays = ports.map(start);
  await Promise.all(ports.map(isUp));
  nginx = await startNginx(ports);
});
afterAll(async () => {
  for (const relay of relays) relay.kill('SIGKILL');
  await Promise.all(relays.map(({ ended }) => ended));
  await simulator.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
  // Last: it may not have come up.
  await nginx.stop();
});

it('three relays, each restarted: every answer is whole, streams that outlast a restart too', async () => {
  simulator.always(({ text }) => text.includes(`stream ${WORDS} words`), slowChunks(60));
  const failures: string[] = [];
  const counts = { whole: 0, slow: 0 };
  let isOver = false;

  const ask = async (content: string, end: string): Promise<void> => {
    try {
      const response = await fetch(`${nginx.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gemini-2.5-flash', stream: true, messages: [{ role: 'user', content }] }),
      });
      const text = await response.text();
      if (response.status !== 200 || !text.includes(end) || !text.endsWith('data: [DONE]\n\n')) {
        failures.push(`${response.status} ${text.slice(-200)}`);
      }
    } catch (error) {
      failures.push(String(error));
    }
  };
  const keepAsking = async (kind: keyof typeof counts, content: string, end: string): Promise<void> => {
    while (!isOver) {
      await ask(content, end);
      counts[kind] += 1;
    }
  };
  const load = [
    ...Array.from({ length: CLIENTS }, () => keepAsking('whole', 'Hello', '"finish_reason":"stop"')),
    ...Array.from({ length: SLOW_STREAMS }, () => keepAsking('slow', `stream ${WORDS} words`, `word${WORDS}`)),
  ];

  const before = [...relays];
  const compose = await playCompose(folder, {
    services: ['nginx', ...ports.map((_, index) => `relay-${index + 1}`), 'valkey', 'postgres'],
    touch: (index) => {
      nginx.leaves(index);
    },
    remove: (index) => {
      nginx.isBack(index);
    },
    recreate: async (index) => {
      const old = relays[index];
      old?.kill('SIGTERM');
      expect(await old?.ended).toBe(0);
      relays[index] = start(ports[index] ?? 0);
      await isUp(ports[index] ?? 0);
    },
  });
  onTestFinished(() => compose.close());
  expect(await compose.run(RESTART, '-f', 'deploy/scale/compose.yml')).toBe(0);
  expect(relays.filter((relay) => before.includes(relay))).toEqual([]);
  isOver = true;
  await Promise.all(load);

  expect(failures).toEqual([]);
  expect(counts.whole).toBeGreaterThan(200);
  expect(counts.slow).toBeGreaterThan(2 * SLOW_STREAMS);
});
