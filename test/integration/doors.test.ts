import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import { failing, html, resetAfter, resetBeforeHeaders, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { createVirtualSystem, until } from '../support/virtual-system.ts';

type Json = Record<string, unknown>;

const BOTH = { UPSTREAM: 'code-assist,gemini-api' };
const WRONG_KEY = 'AQ.a-key-that-google-does-not-know-0123456789';

const open: TestRelay[] = [];
const start = async (options: StartOptions = {}): Promise<TestRelay> => {
  const relay = await startRelay(options);
  open.push(relay);
  return relay;
};
afterEach(async () => {
  for (const relay of open.splice(0)) await relay.close();
});

/** The key that the simulator knows, whichever way it is started. */
const API_KEY = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;

const chat = (relay: TestRelay, more: Json = {}, headers: Record<string, string> = {}): Promise<Response> =>
  relay.post(
    '/v1/chat/completions',
    { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'say exactly: as ever' }], ...more },
    { headers },
  );
const health = async (relay: TestRelay): Promise<Json> => (await (await relay.fetch('/health')).json()) as Json;
const doorsOf = async (relay: TestRelay): Promise<Json[]> => (await health(relay))['doors'] as Json[];
const lineOf = (relay: TestRelay): Json =>
  relay.logs
    .flatMap((lines) => lines.split('\n'))
    .filter((line) => line.includes('"message":"request"'))
    .map((line) => JSON.parse(line) as Json)
    .findLast(({ route }) => String(route).includes('completions')) ?? {};

const closings = (relay: TestRelay): Json[] =>
  relay.logs
    .flatMap((lines) => lines.split('\n'))
    .filter((line) => line.includes('"message":"a door is closed"'))
    .map((line) => JSON.parse(line) as Json);

const both = (more: StartOptions = {}): Promise<TestRelay> =>
  start({ ...more, env: { ...BOTH, GEMINI_API_KEY: API_KEY, ...more.env } });

describe('two doors', () => {
  test('a login whose renewal hangs is waited for 10 s, not 30: then the other one is asked', async () => {
    const system = createVirtualSystem(Date.now());
    const relay = await both({ system });
    await chat(relay);
    const { simulator } = relay;
    simulator.revokeTokens();
    simulator.always('token', stallBeforeHeaders());
    const renewals = simulator.asked('token').length;
    const hurried = chat(relay);
    await simulator.until(() => simulator.asked('token').length > renewals);
    await system.advance(9_900);
    expect(await Promise.race([hurried, delay(200)])).toBe(undefined);
    await system.advance(100);
    expect([(await hurried).status, (await hurried).headers.get('x-relay-door')]).toEqual([200, 'gemini-api']);
    expect(lineOf(relay)).toMatchObject({ door: 'gemini-api', failovers: 1 });
  });

  test('the first answers, and is named in the answer, the log and /health', async () => {
    const relay = await both();
    const response = await chat(relay);
    expect([response.status, response.headers.get('x-relay-door')]).toEqual([200, 'code-assist']);
    expect(lineOf(relay)).toMatchObject({ door: 'code-assist' });
    expect(lineOf(relay)).not.toHaveProperty('failovers');
    expect(await doorsOf(relay)).toEqual([
      {
        id: 'code-assist',
        kind: 'code-assist',
        label: null,
        state: 'ok',
        cause: null,
        until: null,
        models: [],
        requests: 1,
        errors: 0,
      },
      {
        id: 'gemini-api',
        kind: 'gemini-api',
        label: null,
        state: 'ok',
        cause: null,
        until: null,
        models: [],
        requests: 0,
        errors: 0,
      },
    ]);
  });

  test.each([
    ['the quota of the day', google.dailyQuota()],
    ['a limit of the minute', google.rateLimited({ retryDelay: '2s' })],
    ['no capacity', google.capacityExhausted()],
  ])('%s: the next one answers at once, whole and streamed, and the first is spared', async (_what, fault) => {
    const relay = await both();
    const { simulator } = relay;
    for (const stream of [false, true]) {
      const before = simulator.asked('generate').length;
      if (!stream) simulator.next('generate', fault);
      const response = await chat(relay, { stream });
      expect([response.status, response.headers.get('x-relay-door')]).toEqual([200, 'gemini-api']);
      expect(await response.text()).toMatch(/ever"/);
      expect(simulator.asked('generate').length - before).toBe(stream ? 1 : 2);
    }
    expect((await doorsOf(relay))[0]).toMatchObject({
      id: 'code-assist',
      state: 'ok',
      models: [{ model: 'gemini-2.5-flash', state: 'cooling', until: expect.stringMatching(/^\d{4}-.*Z$/) as string }],
    });
    const other = await chat(relay, { model: 'gemini-2.5-pro' });
    expect(other.headers.get('x-relay-door')).toBe('code-assist');
  });

  test('the line of the log counts', async () => {
    const relay = await both();
    relay.simulator.next('generate', google.dailyQuota());
    await chat(relay);
    expect(lineOf(relay)).toMatchObject({ door: 'gemini-api', failovers: 1, status: 200 });
    expect(lineOf(relay)).not.toHaveProperty('retries');
  });

  test('a door that fails is tried again by the retry rules, and then it is the turn of the next', async () => {
    const relay = await both({ env: { MAX_RETRIES: '1' } });
    relay.simulator.next('generate', google.serverError(500), resetBeforeHeaders());
    const response = await chat(relay);
    expect([response.status, response.headers.get('x-relay-door')]).toEqual([200, 'gemini-api']);
    expect(relay.simulator.asked('generate')).toHaveLength(3);
    expect(lineOf(relay)).toMatchObject({ failovers: 1, retries: 1 });
  });

  test('what the client did wrong is told at once, and closes nothing', async () => {
    const relay = await both();
    relay.simulator.next('generate', failing({ code: 400, message: 'Invalid value at contents.' }));
    const response = await chat(relay);
    expect([response.status, response.headers.get('x-relay-door')]).toEqual([400, 'code-assist']);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
    expect((await doorsOf(relay)).map(({ state }) => state)).toEqual(['ok', 'ok']);
  });

  test('a file that Google may not read is told to who named it, and closes nothing', async () => {
    const relay = await both();
    relay.simulator.next('generate', google.denied('Permission denied while accessing input file. Learn more: x'));
    const response = await chat(relay);
    expect([response.status, response.headers.get('x-relay-door')]).toEqual([403, 'code-assist']);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
    expect((await doorsOf(relay)).map(({ state, models }) => [state, models])).toEqual([
      ['ok', []],
      ['ok', []],
    ]);
  });

  test("a firewall's page closes a door for seconds", async () => {
    const relay = await start({
      door: 'gemini-api',
      env: { UPSTREAM: 'gemini-api,vertex', GOOGLE_CLOUD_PROJECT: 'p' },
    });
    relay.simulator.next('generate', html(403));
    expect((await chat(relay)).status).not.toBe(403);
    expect((await doorsOf(relay))[0]).toMatchObject({ id: 'gemini-api', state: 'cooling', cause: 'network' });
  });

  test('what the first has not, the second may have', async () => {
    const relay = await both();
    const response = await relay.post('/v1/embeddings', { model: 'gemini-embedding-001', input: 'x' });
    expect([response.status, response.headers.get('x-relay-door')]).toEqual([200, 'gemini-api']);
    expect((await doorsOf(relay)).map(({ state }) => state)).toEqual(['ok', 'ok']);
  });

  const QUOTA_BEFORE_404 = { UPSTREAM: 'gemini-api,code-assist', FALLBACKS: 'gemini-3-pro-preview>gemini-2.5-flash' };

  test('that one does not have a model hides no quota of the other, and another model stands in', async () => {
    const relay = await both({ env: QUOTA_BEFORE_404 });
    for (const model of ['gemini-2.5-pro', 'gemini-3-pro-preview']) {
      relay.simulator.next(
        'generate',
        google.dailyQuota(),
        failing({ code: 404, message: 'Requested entity was not found.' }),
      );
      const response = await chat(relay, { model });
      const isStoodInFor = model === 'gemini-3-pro-preview';
      expect(response.status).toBe(isStoodInFor ? 200 : 429);
      expect(response.headers.get('x-relay-model')).toBe(isStoodInFor ? 'gemini-2.5-flash' : null);
      expect(await response.text()).toContain(isStoodInFor ? 'as ever' : '1 out of quota for today (daily_quota)');
    }
  });

  test('four refuse in a row: the causes are counted, not the last one told, and the fifth serves who comes back', async () => {
    const keys = Array.from({ length: 5 }, (_none, index) => `AQ.key-of-project-${index}-${'0123456789'.repeat(3)}`);
    const relay = await start({
      door: 'gemini-api',
      env: { GEMINI_API_KEYS: keys.join(','), GEMINI_API_KEY: undefined },
    });
    relay.simulator.always('generate', google.dailyQuota());
    const response = await chat(relay);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    const { error } = (await response.json()) as { error: Json };
    expect(error['message']).toContain('The 4 doors to Google that were asked');
    expect(error['message']).toContain('4 out of quota for today (daily_quota). Others are open');
    expect(relay.simulator.asked('generate')).toHaveLength(4);
    relay.simulator.clear();
    for (const key of keys) relay.simulator.apiKeys.set(key, newApiKey(newProject(key)));
    expect((await chat(relay)).status).toBe(200);
  });

  test('all closed: 429 with the first to open and the doors counted by cause; nobody is asked any more', async () => {
    const relay = await both();
    relay.simulator.next('generate', google.rateLimited({ retryDelay: '90s' }), google.dailyQuota());
    for (const asked of [2, 2]) {
      const response = await chat(relay);
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(80);
      expect(Number(response.headers.get('retry-after'))).toBeLessThan(91);
      const { error } = (await response.json()) as { error: Json };
      expect(error['message']).toContain(
        'of 2 doors 1 over a limit for now (rate_limit), 1 out of quota for today (daily_quota)',
      );
      expect(relay.simulator.asked('generate')).toHaveLength(asked);
    }
  });

  test('a door that fails for seconds does not hide that its model is out of quota for hours', async () => {
    const relay = await start({
      door: 'none',
      env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `a=${API_KEY}`, MAX_RETRIES: '0' },
    });
    relay.simulator.next('generate', google.dailyQuota(), google.serverError(500));
    await chat(relay, { model: 'gemini-2.5-pro' });
    await chat(relay);
    const response = await chat(relay, { model: 'gemini-2.5-pro' });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(10);
    expect(await response.text()).toContain('of 1 door 1 out of quota for today (daily_quota)');
  });

  test('all closed for want of capacity: 503', async () => {
    const relay = await both({ env: { MAX_RETRIES: '0' } });
    relay.simulator.next('generate', google.capacityExhausted(), google.capacityExhausted());
    const response = await chat(relay);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await response.text()).toContain('of 2 doors 2 without capacity (capacity)');
  });

  test('all closed by failures alone: the next request asks the first to open, once, and opens it', async () => {
    const relay = await both({ env: { MAX_RETRIES: '2' } });
    const { simulator } = relay;
    simulator.always('generate', google.serverError(500));
    const asked = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const before = simulator.asked('generate').length;
      const response = await chat(relay);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain('of 2 doors 2 with errors at Google (server_error)');
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(5);
      asked.push(simulator.asked('generate').length - before);
    }
    expect(asked.slice(1)).toEqual([1, 1]);
    expect(closings(relay)).toHaveLength(2);
    simulator.clear();
    const response = await chat(relay);
    expect([response.status, response.headers.get('x-relay-door')]).toEqual([200, 'code-assist']);
    expect((await doorsOf(relay)).map(({ state }) => state)).toEqual(['ok', 'cooling']);
  });

  test('one out of quota and one that fails: neither is asked, and the time to come back at is told', async () => {
    const relay = await both({ env: { MAX_RETRIES: '0' } });
    relay.simulator.next('generate', google.dailyQuota(), google.serverError(500));
    expect((await chat(relay)).status).toBe(429);
    expect((await chat(relay)).status).toBe(429);
    expect(relay.simulator.asked('generate')).toHaveLength(2);
  });

  test('a stream that has begun is not begun anew', async () => {
    const relay = await both();
    relay.simulator.next('generate', resetAfter(2));
    const response = await chat(relay, { stream: true });
    expect(response.headers.get('x-relay-door')).toBe('code-assist');
    expect(await response.text()).toContain('upstream_closed');
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  test('a project that Google refuses is told in the log with the way out; a quota is not', async () => {
    const relay = await both();
    relay.simulator.next('generate', google.dailyQuota());
    await chat(relay);
    relay.simulator.next('generate', google.licenceMissing());
    await chat(relay, { model: 'gemini-2.5-pro' });
    expect(closings(relay)).toMatchObject([
      { door: 'code-assist', cause: 'daily_quota', model: 'gemini-2.5-flash' },
      {
        door: 'code-assist',
        cause: 'ineligible',
        problem: expect.stringMatching(/no Code Assist licence.*GOOGLE_CLOUD_PROJECT/) as string,
      },
    ]);
    expect(closings(relay)[0]).not.toHaveProperty('problem');
  });

  test('without a login the other door serves, and nobody asks the first', async () => {
    const relay = await start({ door: 'none', env: { ...BOTH, GEMINI_API_KEY: API_KEY } });
    expect((await relay.fetch('/health')).status).toBe(200);
    expect((await chat(relay)).headers.get('x-relay-door')).toBe('gemini-api');
    expect(await doorsOf(relay)).toMatchObject([
      { id: 'code-assist', state: 'invalid', cause: 'login', until: null },
      { id: 'gemini-api', state: 'ok' },
    ]);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  test('a login that goes while the relay serves is missed by nobody, and asked again when another is there', async () => {
    const relay = await both();
    const doors = async (count: number): Promise<(string | null)[]> =>
      Promise.all(Array.from({ length: count }, async () => (await chat(relay)).headers.get('x-relay-door')));
    expect(await doors(2)).toEqual(['code-assist', 'code-assist']);
    const login = readFileSync(relay.credentialsFile, 'utf8');
    rmSync(relay.credentialsFile);
    await until('the login is missed', async () => (await doorsOf(relay))[0]?.['state'] === 'invalid');
    const asked = relay.simulator.asked('generate').length;
    expect(await doors(3)).toEqual(['gemini-api', 'gemini-api', 'gemini-api']);
    expect(relay.simulator.asked('generate')).toHaveLength(asked + 3);
    expect((await doorsOf(relay))[0]).toMatchObject({ id: 'code-assist', state: 'invalid', cause: 'login' });
    writeFileSync(relay.credentialsFile, login, { mode: 0o600 });
    await until('the login is found', async () => (await doorsOf(relay))[0]?.['state'] === 'ok');
    expect(await doors(1)).toEqual(['code-assist']);
  });

  test('neither: /health says what is missing', async () => {
    const relay = await start({ door: 'none', env: { UPSTREAM: 'gemini-api,vertex' } });
    const response = await relay.fetch('/health');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'config_error', upstream: 'gemini-api,vertex' });
    expect((await chat(relay)).status).toBe(503);
  });

  test('the state lasts over a restart', async () => {
    const relay = await both();
    relay.simulator.next('generate', google.dailyQuota());
    await chat(relay);
    await relay.relay.parts.close();
    const state = readFileSync(join(relay.folder, '.relay-doors.json'), 'utf8');
    expect(state).toContain('daily_quota');
  });

  test('and is read at the next start: nobody asks the door that cools, nor the key that is bad', async () => {
    const env = { UPSTREAM: 'gemini-api', GEMINI_API_KEY: API_KEY, GEMINI_API_KEYS: `bad=${WRONG_KEY}` };
    const relay = await start({ door: 'none', env });
    for (let turn = 0; turn < 10; turn += 1) await chat(relay, {}, { 'session-id': `session ${turn}` });
    relay.simulator.next('generate', google.dailyQuota());
    expect((await chat(relay, { model: 'gemini-2.5-pro' })).status).toBe(429);
    await relay.relay.parts.close();
    const kept = readFileSync(join(relay.folder, '.relay-doors.json'), 'utf8');
    const before = (folder: string): void => {
      writeFileSync(join(folder, '.relay-doors.json'), kept);
    };
    const again = await start({ door: 'none', env, before });
    expect(await doorsOf(again)).toMatchObject([
      { id: 'gemini-api:default', state: 'ok', models: [{ model: 'gemini-2.5-pro', cause: 'daily_quota' }] },
      { id: 'gemini-api:bad', state: 'invalid', cause: 'invalid_key', requests: 0 },
    ]);
    expect((await chat(again, { model: 'gemini-2.5-pro' })).status).toBe(429);
    expect(again.simulator.asked('generate')).toEqual([]);
    for (let turn = 0; turn < 10; turn += 1) {
      const response = await chat(again, {}, { 'session-id': `session ${turn}` });
      expect(response.headers.get('x-relay-door')).toBe('gemini-api:default');
    }
    const keys = again.simulator.asked('generate').map(({ headers }) => headers['x-goog-api-key']);
    expect(new Set(keys)).toEqual(new Set([API_KEY]));
  });
});

describe('several keys', () => {
  const KEYS = { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `bad=${WRONG_KEY},good=${API_KEY}` };

  test('a key that Google refuses is out at once, and never named by its text', async () => {
    const relay = await start({ door: 'none', env: KEYS });
    for (let turn = 0; turn < 20; turn += 1) {
      const response = await chat(relay, {}, { 'session-id': `session ${turn}` });
      expect([response.status, response.headers.get('x-relay-door')]).toEqual([200, 'gemini-api:good']);
    }
    expect(
      relay.simulator.asked('generate').filter(({ headers }) => headers['x-goog-api-key'] === WRONG_KEY),
    ).toHaveLength(1);
    expect(await doorsOf(relay)).toMatchObject([
      { id: 'gemini-api:bad', label: 'bad', state: 'invalid', cause: 'invalid_key' },
      { id: 'gemini-api:good', label: 'good', state: 'ok', requests: 20 },
    ]);
    expect(relay.logs.join('')).toContain('gemini-api:bad');
    for (const key of [WRONG_KEY, API_KEY])
      expect(relay.logs.join('') + JSON.stringify(await health(relay))).not.toContain(key);
  });

  test.each([
    ['a question', '/v1/chat/completions', { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] }],
    ['a cache', '/v1beta/cachedContents', { model: 'models/gemini-2.5-flash', contents: [] }],
  ])('the log says once why %s has closed a door, and what to do', async (_what, path, body) => {
    const relay = await start({ door: 'none', env: KEYS });
    for (let turn = 0; turn < 20; turn += 1)
      await (await relay.post(path, body, { headers: { 'session-id': `session ${turn}` } })).text();
    expect(closings(relay)).toEqual([
      expect.objectContaining({
        door: 'gemini-api:bad',
        cause: 'invalid_key',
        problem: expect.stringMatching(/refuses the API key.* Check GEMINI_API_KEYS \(bad\)/) as string,
      }),
    ]);
  });

  const TWO_KEYS = { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: `one=${WRONG_KEY},two=${API_KEY}` };
  const twoGoodKeys = async (env: Record<string, string> = {}): Promise<TestRelay> => {
    const relay = await start({ door: 'none', env: { ...TWO_KEYS, ...env } });
    relay.simulator.apiKeys.set(WRONG_KEY, newApiKey(newProject('another')));
    return relay;
  };

  test('a model that new accounts do not get is asked for with another key, and there first for a while', async () => {
    const relay = await twoGoodKeys();
    const message = 'This model models/gemini-2.5-flash is no longer available to new users.';
    relay.simulator.next('generate', failing({ code: 404, message }));
    const doors = [];
    for (let turn = 0; turn < 3; turn += 1) doors.push((await chat(relay)).headers.get('x-relay-door'));
    expect(new Set(doors)).toHaveLength(1);
    expect(relay.simulator.asked('generate')).toHaveLength(4);
    expect((await doorsOf(relay)).map(({ state, models }) => [state, models])).toEqual([
      ['ok', []],
      ['ok', []],
    ]);
    // Neither has it: Google's own word, and no door is closed for it.
    relay.simulator.always('generate', failing({ code: 404, message }));
    for (let turn = 0; turn < 2; turn += 1) {
      const response = await chat(relay);
      expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('to new users')]);
    }
  });

  test('a model that there is not is not looked for with every key', async () => {
    const relay = await twoGoodKeys();
    relay.simulator.next('generate', failing({ code: 404, message: 'models/x is not found for API version v1beta' }));
    expect((await chat(relay)).status).toBe(404);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  test('auto without a login takes them all, and GEMINI_API_KEY as one more', async () => {
    const relay = await start({ door: 'none', env: { GEMINI_API_KEYS: `work=${WRONG_KEY}`, GEMINI_API_KEY: API_KEY } });
    expect((await doorsOf(relay)).map(({ id }) => id)).toEqual(['gemini-api:default', 'gemini-api:work']);
    expect((await chat(relay)).headers.get('x-relay-door')).toBe('gemini-api:default');
  });

  test('auto with a login is the login alone', async () => {
    const relay = await start({ env: { GEMINI_API_KEYS: `work=${API_KEY}` } });
    expect((await chat(relay)).headers.get('x-relay-door')).toBe('code-assist');
    expect((await doorsOf(relay)).map(({ id }) => id)).toEqual(['code-assist']);
  });

  test('a file of keys is read again when it changes', async () => {
    const file = join(tmpdir(), `relay-keys-${process.pid}.txt`);
    const relay = await start({ door: 'none', env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS_FILE: file } });
    expect((await chat(relay)).status).toBe(503);
    writeFileSync(file, `# mine\nfirst=${API_KEY}\n`);
    await until(
      'it is read',
      async () => (await doorsOf(relay)).length === 1 && (await doorsOf(relay))[0]?.['id'] === 'gemini-api:first',
    );
    expect((await chat(relay)).headers.get('x-relay-door')).toBe('gemini-api:first');
    writeFileSync(file, 'a=one two');
    await until('it is told', () => relay.logs.join('').includes('GEMINI_API_KEYS_FILE cannot be used'));
    expect((await doorsOf(relay)).map(({ id }) => id)).toEqual(['gemini-api:first']);
    rmSync(file);
  });
});

describe('one door', () => {
  test('is named all the same, in answers and in errors', async () => {
    const relay = await start({ door: 'gemini-api' });
    expect((await chat(relay)).headers.get('x-relay-door')).toBe('gemini-api');
    relay.simulator.next('generate', failing({ code: 400, message: 'No.' }));
    const refused = await chat(relay, { stream: true });
    expect([refused.status, refused.headers.get('x-relay-door')]).toEqual([400, 'gemini-api']);
    expect((await relay.fetch('/v1/models')).headers.get('x-relay-door')).toBeNull();
    expect(await doorsOf(relay)).toMatchObject([{ id: 'gemini-api', state: 'ok', requests: 2, errors: 1 }]);
  });
});

describe('FALLBACKS', () => {
  const FALLBACKS = { FALLBACKS: 'gemini-3-pro-preview>gemini-2.5-pro>gemini-2.5-flash' };

  test('another model stands in when every door refuses, under the name that was asked for', async () => {
    const relay = await both({ env: FALLBACKS });
    relay.simulator.next('generate', google.dailyQuota(), google.dailyQuota());
    const response = await chat(relay, { model: 'gemini-3-pro-preview', reasoning_effort: 'high' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-relay-model')).toBe('gemini-2.5-pro');
    expect(response.headers.get('x-relay-door')).toBe('code-assist');
    expect(await response.json()).toMatchObject({ model: 'gemini-3-pro-preview' });
    const native = await relay.post('/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse', {
      contents: [{ role: 'user', parts: [{ text: 'say exactly: as ever' }] }],
      generationConfig: { thinkingConfig: { thinkingLevel: 'LOW', includeThoughts: true } },
    });
    expect([native.status, native.headers.get('x-relay-model')]).toEqual([200, 'gemini-2.5-pro']);
    expect((await chat(relay)).headers.get('x-relay-model')).toBeNull();
  });

  test('behind an alias, the header tells who has answered and not who was to', async () => {
    const env = { ...FALLBACKS, MODEL_ALIASES: 'best=gemini-3-pro-preview' };
    const relay = await both({ env });
    expect((await chat(relay, { model: 'best' })).headers.get('x-relay-model')).toBe('gemini-3-pro-preview');
    relay.simulator.next('generate', google.dailyQuota(), google.dailyQuota());
    for (const stream of [false, true]) {
      const response = await chat(relay, { model: 'best', stream });
      expect([response.status, response.headers.get('x-relay-model')]).toEqual([200, 'gemini-2.5-pro']);
      expect(response.headers.get('x-relay-upstream-model')).toBe('gemini-2.5-pro');
      expect(await response.text()).toContain('"model":"best"');
    }
  });

  test('all of them refused: the first refusal is told', async () => {
    const relay = await start({ env: { ...FALLBACKS, MAX_RETRIES: '0' } });
    relay.simulator.always('generate', google.dailyQuota());
    const response = await chat(relay, { model: 'gemini-3-pro-preview' });
    expect([response.status, response.headers.get('x-relay-model')]).toEqual([429, null]);
    expect(relay.simulator.asked('generate')).toHaveLength(3);
  });

  test('what the client did wrong is not asked of another model', async () => {
    const relay = await start({ env: FALLBACKS });
    relay.simulator.next('generate', failing({ code: 400, message: 'No.' }));
    expect((await chat(relay, { model: 'gemini-3-pro-preview' })).status).toBe(400);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });
});
