/** kill -9 of the relay that refreshes the login for all, at each step: what Google gave it is not lost. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { raw } from '../../src/simulator/faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';

const chat = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };

let redis: Redis;
let simulator: Simulator;
let folder: string;
const children: SpawnedRelay[] = [];
beforeEach(async () => {
  redis = await startRedis();
  simulator = await startSimulator();
  simulator.account.rotateRefreshTokens = true;
  folder = mkdtempSync(join(tmpdir(), 'refresh-kills-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.splice(0).map(({ ended }) => ended));
  await simulator.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** With the login as it was at first, a token that is over, or with what its folder has by now. */
const start = (name: string, first = true): SpawnedRelay => {
  const own = join(folder, name);
  const credentials = first
    ? { ...simulator.credentials, expiry_date: 1 }
    : readFileSync(join(own, 'oauth_creds.json'), 'utf8');
  const child = spawnRelay(environmentOf(simulator, own, { credentials, env: { REDIS_URL: redis.url } }), own);
  children.push(child);
  return child;
};
const ask = async (child: SpawnedRelay): Promise<number> => {
  const answer = await fetch(`${await child.listening}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(chat),
  });
  await answer.text();
  return answer.status;
};
const fileOf = (name: string): string => join(folder, name, 'oauth_creds.json');
const hasNew = (name: string): boolean =>
  !readFileSync(fileOf(name), 'utf8').includes(simulator.credentials.refresh_token);
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await delay(1);
};
const isInRedis = async (): Promise<boolean> => ((await redis.ask('KEYS', 'gcr:login:*')) as string[]).length > 1;

it.each([
  {
    step: 'it has the lease, and Google has not answered',
    before: () => {
      // It takes the question and does nothing about it.
      simulator.next('token', raw(200, {}, { kind: 'stall' }));
    },
    reached: () => simulator.asked('token').length === 1,
    after: () => undefined,
    asked: 2,
  },
  {
    step: 'Redis has the answer, its own disk has not',
    before: () => undefined,
    reached: isInRedis,
    // As it was: whatever it had written by then.
    after: () => {
      writeFileSync(fileOf('killed'), JSON.stringify({ ...simulator.credentials, expiry_date: 1 }));
    },
    asked: 1,
  },
  {
    step: 'both have the answer, and nobody was given it',
    before: () => undefined,
    reached: () => hasNew('killed'),
    after: () => undefined,
    asked: 1,
  },
])('$step', async ({ before, reached, after, asked }) => {
  for (const name of ['killed', 'other']) mkdirSync(join(folder, name));
  const killed = start('killed');
  await killed.listening;
  before();
  const lost = ask(killed).catch(() => 0);
  await until(reached);
  killed.kill('SIGKILL');
  await killed.ended;
  await lost;
  after();
  const other = start('other');
  expect(await ask(other)).toBe(200);
  expect(await ask(start('killed', false))).toBe(200);
  expect(simulator.asked('token')).toHaveLength(asked);
});
