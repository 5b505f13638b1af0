/** Each trouble that Redis can be in: no request fails for it, /health tells, and it is over when Redis is well. */
import { afterEach, expect, it } from 'vitest';
import { makeKey } from '../keys/people.ts';
import { freePort } from './service.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { startRelays } from './relays.ts';
import type { Relays } from './relays.ts';
import { eventually } from '../support/eventually.ts';

const chat = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };

interface Trouble {
  readonly name: string;
  readonly args?: readonly string[];
  /** Not there when the relay starts. */
  readonly late?: boolean;
  readonly user?: string;
  readonly bring?: (redis: Redis) => unknown;
  readonly end?: (redis: Redis) => unknown;
  /** It is over with a new server in its place. */
  readonly isReplaced?: boolean;
  /** In the words of /health. */
  readonly told: readonly string[];
}

const TROUBLES: readonly Trouble[] = [
  { name: 'absent at the start', late: true, isReplaced: true, told: ['unreachable'] },
  {
    name: 'slow',
    // Longer than anybody waits, for as long as the test looks.
    bring: (redis) => redis.ask('CLIENT', 'PAUSE', '60000', 'ALL'),
    end: (redis) => redis.stop(),
    isReplaced: true,
    told: ['slow', 'unreachable'],
  },
  {
    name: 'full',
    bring: async (redis) => {
      await redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await redis.ask('CONFIG', 'SET', 'maxmemory', '1');
    },
    end: (redis) => redis.ask('CONFIG', 'SET', 'maxmemory', '0'),
    told: ['full'],
  },
  {
    name: 'failing over to one that takes no writes yet',
    bring: (redis) => redis.ask('REPLICAOF', '127.0.0.1', '1'),
    end: (redis) => redis.ask('REPLICAOF', 'NO', 'ONE'),
    told: ['read_only', 'unreachable'],
  },
  { name: 'with another password', args: ['--requirepass', 'right'], user: ':wrong@', told: ['refused'] },
];

const started: { redis?: Redis; relays?: Relays } = {};
afterEach(async () => {
  await started.relays?.close();
  await started.redis?.stop();
});

it.each(TROUBLES)('$name', async ({ args = [], late, user = '', bring, end, isReplaced, told }) => {
  const port = await freePort();
  const start = async (): Promise<Redis> => (started.redis = await startRedis({ port, args }));
  const redis = late ? undefined : await start();
  const relays = await startRelays({ redis: `redis://${user}127.0.0.1:${port}`, count: 1 });
  started.relays = relays;
  const { member, folder } = relays;
  const { secret } = await makeKey({ DATABASE_URL: `sqlite:${folder}/relay.db` }, '--rpm', '1000');
  const healthOf = async (): Promise<unknown> =>
    ((await (await member(0).fetch('/health')).json()) as Record<string, unknown>)['redis'];
  const ask = async (): Promise<number> => (await member(0).post('/v1/chat/completions', chat, secret)).status;
  await eventually(async () => {
    expect(await ask()).toBe(200);
  }, 400);

  if (redis) await bring?.(redis);
  for (let count = 0; count < 5; count += 1) expect(await ask()).toBe(200);
  await eventually(async () => {
    expect(await healthOf()).toMatchObject({ status: 'degraded', ok: false });
  }, 50);
  const { trouble } = (await healthOf()) as { readonly trouble: string };
  expect(told).toContain(trouble);
  for (let count = 0; count < 5; count += 1) expect(await ask()).toBe(200);
  // That is over when its owner has written the right one.
  if (user !== '') return;

  if (redis) await end?.(redis);
  if (isReplaced) await start();
  await eventually(async () => {
    expect(await healthOf()).toMatchObject({ status: 'healthy', ok: true });
  }, 100);
  expect(await ask()).toBe(200);
});
