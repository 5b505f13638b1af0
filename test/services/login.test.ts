/** One Google login for several relays: one refresh for all, and no refresh token that Google replaced is ever lost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createSharedLogin } from '../../src/credentials/shared-login.ts';
import type { TokenAnswer, TokenOutcome } from '../../src/credentials/token-endpoint.ts';
import { silentLogger } from '../../src/log.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { openRedisState } from '../../src/state/redis.ts';
import type { RedisState } from '../../src/state/redis.ts';
import { createSystem } from '../../src/system.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { startRelays } from './relays.ts';
import type { Relays } from './relays.ts';
import { freePort } from './service.ts';
import { eventually } from '../support/eventually.ts';

const system = createSystem();
const HOUR_MS = 3_600_000;
const chat = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };

let redis: Redis;
let relays: Relays | undefined;
const states: RedisState[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
beforeEach(() => redis.ask('FLUSHALL'));
afterEach(async () => {
  await relays?.close();
  relays = undefined;
  await Promise.all(states.splice(0).map((state) => state.close()));
});
afterAll(() => redis.stop());

const open = async (url = redis.url): Promise<RedisState> => {
  const state = openRedisState({
    url,
    prefix: 'gcr:',
    system,
    log: silentLogger,
    patience: { silenceMs: 1000, longestMs: 2000 },
  });
  states.push(state);
  await state.opened();
  return state;
};
const answer = (accessToken: string, refreshToken?: string): TokenAnswer => ({
  kind: 'tokens',
  accessToken,
  lifetimeMs: HOUR_MS,
  scopes: ['a'],
  extras: {},
  ...(refreshToken !== undefined && { refreshToken }),
});
const never = () => Promise.reject(new Error('it was asked for nothing'));
const patient = () => AbortSignal.timeout(20_000);

/** Their tokens are over; each has the same refresh token. */
const expired = (simulator: Simulator): object => ({ ...simulator.credentials, expiry_date: 1 });
const refreshes = ({ simulator }: Relays): number => simulator.asked('token').length;

it('three relays start with a token that is over: Google is asked once, and all serve', async () => {
  relays = await startRelays({ redis: redis.url, count: 3, credentials: expired });
  const { members } = relays;
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => relays?.member(index).post('/v1/chat/completions', chat)),
  );
  expect(answers.map((one) => one?.status)).toEqual(Array.from({ length: 12 }, () => 200));
  expect(refreshes(relays)).toBe(1);
  const files = members.map(({ folder }) => readFileSync(join(folder, 'oauth_creds.json'), 'utf8'));
  const tokens = files.map((text) => (JSON.parse(text) as { access_token: string }).access_token);
  expect(new Set(tokens).size).toBe(1);
  // What lies in Redis opens nothing.
  const [key = ''] = ((await redis.ask('KEYS', 'gcr:login:*')) as string[]).sort();
  expect(String(await redis.ask('GET', key))).not.toContain(tokens[0]);
  // One that comes later finds it, too.
  const late = await relays.add();
  expect((await late.post('/v1/chat/completions', chat)).status).toBe(200);
  expect(refreshes(relays)).toBe(1);
});

it('Redis is lost for a moment just when the token is over: Google is asked once all the same', async () => {
  relays = await startRelays({ redis: redis.url, count: 3 });
  const { simulator, members } = relays;
  for (let round = 1; round <= 3; round += 1) {
    // Who has not found it yet waits for no return of it.
    await eventually(async () => {
      for (const one of members) {
        expect(await (await one.fetch('/health')).json()).toMatchObject({ redis: { ok: true } });
      }
    });
    simulator.expireTokens();
    const answers = members.map((one) => one.post('/v1/chat/completions', chat));
    await redis.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(refreshes(relays)).toBe(round);
  }
});

it('Google replaces the refresh token each time: every relay goes on with the newest, also one that knows only the first', async () => {
  relays = await startRelays({ redis: redis.url, count: 2, credentials: expired });
  relays.simulator.account.rotateRefreshTokens = true;
  const first = relays.simulator.credentials.refresh_token;
  for (let round = 1; round <= 3; round += 1) {
    const answers = await Promise.all(relays.members.map((one) => one.post('/v1/chat/completions', chat)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(refreshes(relays)).toBe(round);
    relays.simulator.expireTokens();
  }
  expect(first).toBeDefined();
  const late = await relays.add();
  expect((await late.post('/v1/chat/completions', chat)).status).toBe(200);
});

it('kill -9 of who refreshes: before Google is asked another does it, after its answer was kept nothing is lost', async () => {
  const [killed, other] = [await open(), await open()];
  // It has the lease, and is no more.
  const hanging = createSharedLogin(killed, system).renew(
    'R0',
    undefined,
    () => new Promise(() => undefined),
    patient(),
  );
  hanging.catch(() => undefined);
  await eventually(async () => {
    expect(await redis.ask('KEYS', 'gcr:lock:*')).toHaveLength(1);
  });
  await killed.close();
  const from = performance.now();
  const asked: string[] = [];
  const login = createSharedLogin(other, system);
  const refreshed = await login.renew(
    'R0',
    undefined,
    (token) => {
      asked.push(token);
      return Promise.resolve(answer('A1', 'R1'));
    },
    patient(),
  );
  expect(refreshed).toMatchObject({ accessToken: 'A1', refreshToken: 'R1' });
  expect(performance.now() - from).toBeLessThan(8000);
  // Killed before it could write its file: the next start knows R0 alone.
  const restarted = createSharedLogin(other, system);
  expect(await restarted.renew('R0', undefined, never, patient())).toMatchObject({
    kind: 'found',
    accessToken: 'A1',
    refreshToken: 'R1',
  });
  // Google takes A1 no longer: refreshed with the newest, not with what was known at the start.
  await createSharedLogin(other, system).renew(
    'R0',
    'A1',
    (token) => {
      asked.push(token);
      return Promise.resolve(answer('A2', 'R2'));
    },
    patient(),
  );
  expect(asked).toEqual(['R0', 'R1']);
  for (const token of ['R0', 'R1', 'R2']) {
    const found = await createSharedLogin(other, system).renew(token, undefined, never, patient());
    expect(found).toMatchObject({ accessToken: 'A2' });
  }
});

it('who was thought dead and answers late overwrites nothing that is newer', async () => {
  const [slow, other] = [await open(), await open()];
  const late = Promise.withResolvers<TokenAnswer>();
  const lease = await slow.acquire('login:x', 50);
  const waiting = late.promise.then(() => lease?.write('k', 'old', HOUR_MS));
  await system.sleep(80);
  const newer = await other.acquire('login:x', 5000);
  await newer?.write('k', 'new', HOUR_MS);
  late.resolve(answer('A'));
  expect(await waiting).toBe(false);
  expect(await other.get('k')).toBe('new');
});

it('held is waited for; a Redis that is gone is not', async () => {
  const own = await startRedis();
  const [holder, other] = [await open(own.url), await open(own.url)];
  const first = Promise.withResolvers<TokenAnswer>();
  const holding = createSharedLogin(holder, system).renew('R0', undefined, () => first.promise, patient());
  await eventually(async () => {
    expect(await own.ask('KEYS', 'gcr:lock:*')).toHaveLength(1);
  });
  const waiting = createSharedLogin(other, system).renew('R0', undefined, never, patient());
  await system.sleep(300);
  first.resolve(answer('A1'));
  expect((await holding).kind).toBe('tokens');
  expect(await waiting).toMatchObject({ kind: 'found', accessToken: 'A1' });

  const second = Promise.withResolvers<TokenAnswer>();
  const again = createSharedLogin(holder, system).renew('R0', 'A1', () => second.promise, patient());
  await eventually(async () => {
    expect(await own.ask('KEYS', 'gcr:lock:*')).toHaveLength(1);
  });
  const alone = createSharedLogin(other, system).renew('R0', 'A1', () => Promise.resolve(answer('B1')), patient());
  await system.sleep(100);
  await own.stop();
  expect(await alone).toMatchObject({ kind: 'tokens', accessToken: 'B1' });
  second.resolve(answer('A2', 'R1'));
  expect(await again).toMatchObject({ kind: 'tokens', accessToken: 'A2', refreshToken: 'R1' });
});

it('Redis forgets everything: who has the newest token tells it again', async () => {
  const state = await open();
  const login = createSharedLogin(state, system);
  await login.renew('R0', undefined, () => Promise.resolve(answer('A1', 'R1')), patient());
  await redis.ask('FLUSHALL');
  login.tellAgain();
  await eventually(async () => {
    expect(await redis.ask('KEYS', 'gcr:login:*')).toHaveLength(2);
  });
  expect(await createSharedLogin(await open(), system).renew('R0', undefined, never, patient())).toMatchObject({
    accessToken: 'A1',
    refreshToken: 'R1',
  });
});

const revoked: TokenOutcome = { kind: 'revoked', detail: 'invalid_grant' };

it('a relay whose token another has used up, without a word while Redis was hung, goes on with its successor', async () => {
  const own = await startRedis();
  const [one, other] = [await open(own.url), await open(own.url)];
  const [first, second] = [createSharedLogin(one, system), createSharedLogin(other, system)];
  await first.renew('R0', undefined, () => Promise.resolve(answer('A1', 'R1')), patient());
  expect(await second.renew('R0', undefined, never, patient())).toMatchObject({ kind: 'found', refreshToken: 'R1' });
  // Google's answer comes while Redis says nothing.
  const refreshed = first.renew(
    'R1',
    'A1',
    () => {
      own.hang();
      return Promise.resolve(answer('A2', 'R2'));
    },
    patient(),
  );
  expect(await refreshed).toMatchObject({ accessToken: 'A2' });
  const asked: string[] = [];
  const refresh = (token: string): Promise<TokenOutcome> => {
    asked.push(token);
    own.wake();
    first.tellAgain();
    return Promise.resolve(revoked);
  };
  // Whoever is refused looks again after a while.
  await eventually(async () => {
    const found = await second.renew('R1', 'A1', refresh, patient());
    expect(found).toMatchObject({ kind: 'found', accessToken: 'A2', refreshToken: 'R2' });
  });
  expect(asked).toEqual(['R1']);
  await own.stop();
});

it('what a relay was given while Redis was away is told when it is back, whoever with less was there before', async () => {
  const port = await freePort();
  const [one, other] = [await open(`redis://127.0.0.1:${port}`), await open(`redis://127.0.0.1:${port}`)];
  const [first, second] = [createSharedLogin(one, system), createSharedLogin(other, system)];
  await second.renew('R0', undefined, () => Promise.resolve(answer('B1')), patient());
  await first.renew('R0', undefined, () => Promise.resolve(answer('A1', 'R1')), patient());
  const own = await startRedis({ port });
  await eventually(() => {
    for (const state of [one, other]) expect(state.health().ok).toBe(true);
  });
  second.tellAgain();
  await system.sleep(100);
  first.tellAgain();
  await eventually(async () => {
    const late = createSharedLogin(await open(own.url), system);
    expect(await late.renew('R0', undefined, never, patient())).toMatchObject({
      accessToken: 'A1',
      refreshToken: 'R1',
    });
  });
  await own.stop();
});

it('a login that Google has ended for all: it is asked once, not each time somebody looks for a successor', async () => {
  const login = createSharedLogin(await open(), system);
  const asked: string[] = [];
  const refresh = (token: string): Promise<TokenOutcome> => {
    asked.push(token);
    return Promise.resolve(revoked);
  };
  for (let looks = 0; looks < 3; looks += 1) {
    expect(await login.renew('R0', undefined, refresh, patient())).toMatchObject({ kind: 'revoked' });
  }
  expect(asked).toEqual(['R0']);
});

it('two relays that refreshed alone, and Google replaced the token of one: both serve once Redis is there', async () => {
  const port = await freePort();
  relays = await startRelays({
    redis: `redis://127.0.0.1:${port}`,
    count: 2,
    credentials: expired,
    simulator: { account: { rotateRefreshTokens: true } },
  });
  const ask = (index: number): Promise<Response> | undefined =>
    relays?.member(index).post('/v1/chat/completions', chat);
  // One was first, and nobody could tell the other of the new one.
  expect([(await ask(0))?.status, (await ask(1))?.status].sort()).toEqual([200, 503]);
  const own = await startRedis({ port });
  await eventually(async () => {
    expect([(await ask(0))?.status, (await ask(1))?.status]).toEqual([200, 200]);
  }, 200);
  await own.stop();
});
