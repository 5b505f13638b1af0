/** Which door is taken, what is said about it, and what happens when it changes. */
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { greeting } from '../../src/program/greeting.ts';
import { SENTINEL } from '../../src/gemini/signatures.ts';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { until } from '../support/virtual-system.ts';

const open: TestRelay[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const start = async (options: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  open.push(relay);
  return relay;
};

type Json = Readonly<Record<string, unknown>>;

const health = async (relay: TestRelay, headers?: Record<string, string>): Promise<Json> =>
  (await (await relay.fetch('/health', headers && { headers })).json()) as Json;

const chat = (relay: TestRelay, more: Json = {}): Promise<Response> =>
  relay.post('/v1/chat/completions', {
    model: 'gemini-2.5-flash',
    messages: [{ role: 'user', content: 'say exactly: as ever' }],
    ...more,
  });

const KEY = { GEMINI_API_KEY: `AIza${'Simulated'.repeat(4).slice(0, 35)}` };

describe('UPSTREAM=auto', () => {
  test.each<[string, StartOptions, string]>([
    ['a login', { door: 'code-assist' }, 'code-assist'],
    ['a login and a key', { door: 'code-assist', env: KEY }, 'code-assist'],
    ['a key', { door: 'none', env: KEY }, 'gemini-api'],
    ['nothing', { door: 'none' }, 'none'],
    ['a login and a word of the owner', { door: 'code-assist', env: { ...KEY, UPSTREAM: 'gemini-api' } }, 'gemini-api'],
  ])('%s', async (_name, options, upstream) => {
    const relay = await start(options);
    await until('it is ready', async () => (await health(relay))['status'] !== 'starting');
    const report = await health(relay);
    expect(report).toMatchObject({ upstream, status: upstream === 'none' ? 'login_required' : 'healthy' });
    expect(report['why']).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(report['otherUpstreams'] as Json)).toEqual(
      ['code-assist', 'gemini-api', 'vertex'].filter((name) => name !== upstream),
    );
    const open = await health(relay, { authorization: '' });
    expect(Object.keys(open).sort()).toEqual(['message', 'service', 'status', 'upstream']);
    const response = await chat(relay);
    expect(response.status).toBe(upstream === 'none' ? 503 : 200);
    if (upstream === 'none') expect(await response.text()).toMatch(/npm run login.*GEMINI_API_KEY/);
  });

  test('the console says it at the start', async () => {
    const relay = await start({ door: 'none', env: KEY });
    const { door } = relay.relay.parts;
    const text = greeting(
      {
        version: '1.2.3',
        host: '127.0.0.1',
        port: 8888,
        hasConsole: true,
        upstream: door.name,
        why: door.why,
        others: door.others,
        key: { kind: 'variables', names: ['GEMINI_AUTH_PASSWORD'] },
        status: door.status(),
        doors: 1,
        shut: [],
        isTried: true,
      },
      false,
    );
    expect(text).toContain('gemini-api: There are no OAuth credentials, and an API key is set.');
    expect(text).toContain('code-assist would need a login (npm run login)');
    expect(text).toContain('vertex would need GOOGLE_CLOUD_PROJECT');
  });
});

describe('an account that Code Assist does not serve', () => {
  test('is told the ways out in one sentence: in /health, in each 503, and once in the log', async () => {
    const relay = await start({ simulator: { account: { standing: 'unsupported-client' } } });
    await until('it is known', async () => (await health(relay))['status'] === 'account_ineligible');
    const { message } = await health(relay);
    expect(message).toMatch(/GEMINI_API_KEY.*UPSTREAM=vertex.*Standard or Enterprise/);
    for (let count = 0; count < 3; count += 1) {
      const response = await chat(relay);
      expect(response.status).toBe(503);
      expect(response.headers.get('x-should-retry')).toBe('false');
      expect(((await response.json()) as { error: Json }).error).toMatchObject({ code: 'account_ineligible', message });
    }
    const told = relay.logs.filter((line) => line.includes('Standard or Enterprise'));
    expect(told).toHaveLength(1);
  });
});

describe('a key that Google refuses', () => {
  test('shows in /health after the first call, and once in the log, and never itself', async () => {
    const relay = await start({ door: 'gemini-api', env: { GEMINI_API_KEY: 'AIzaWrongWrongWrongWrong' } });
    for (let count = 0; count < 3; count += 1) {
      const response = await chat(relay);
      expect(response.status).toBe(503);
      expect(((await response.json()) as { error: Json }).error).toMatchObject({ code: 'config_error' });
    }
    const report = await health(relay);
    expect(report).toMatchObject({ status: 'config_error', upstream: 'gemini-api' });
    expect(report['message']).toContain('GEMINI_API_KEY');
    expect(relay.logs.filter((line) => line.includes('Google refuses the relay'))).toHaveLength(1);
    expect(JSON.stringify(report) + relay.logs.join('')).not.toContain('AIzaWrong');
  });
});

describe('the key of the Gemini API', () => {
  test.each(['/gateway', '/a/b/', '/gateway/v1beta'])('goes in a header, also behind %s', async (prefix) => {
    const first = await start({ door: 'gemini-api' });
    const { simulator } = first;
    const relay = await start({
      door: 'gemini-api',
      env: { GEMINI_API_KEY: simulator.apiKey, GEMINI_API_ENDPOINT: `${simulator.url}${prefix}` },
    });
    expect((await chat(relay)).status).toBe(200);
    expect((await chat(relay, { stream: true })).status).toBe(200);
    const ask = { contents: [{ parts: [{ text: 'Hello' }] }] };
    const statuses = [
      await relay.post(`/v1beta/models/gemini-2.5-flash:countTokens?key=${relay.key}`, ask),
      await relay.post('/v1/embeddings', { model: 'gemini-embedding-001', input: ['a', 'b'] }),
      await relay.fetch('/v1/models'),
      await relay.fetch('/v1beta/models'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    const start1 = prefix.replace(/\/(?:v1beta)?$/, '');
    expect(simulator.requests.length).toBeGreaterThanOrEqual(5);
    for (const request of simulator.requests) {
      expect(request.path.startsWith(`${start1}/v1beta/models`)).toBe(true);
      expect(request.headers['x-goog-api-key']).toBe(simulator.apiKey);
      expect(request.headers.authorization).toBeUndefined();
    }
    expect(simulator.leaks()).toEqual([]);
    // Asked for once, kept for all.
    expect(simulator.asked('listModels')).toHaveLength(1);
    expect(relay.logs.join('')).not.toContain(simulator.apiKey);
  });
});

describe('signatures when the way changes', () => {
  const TOOL = { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: {} } } };
  const QUESTION = { role: 'user', content: 'What time is it?' };

  /** A call that the model made, as most clients keep it. */
  const firstCall = async (relay: TestRelay): Promise<Json> => {
    const response = await chat(relay, { model: 'gemini-3-pro-preview', messages: [QUESTION], tools: [TOOL] });
    const { choices } = (await response.json()) as { choices: { message: { tool_calls: Json[] } }[] };
    const [call] = choices[0]?.message.tool_calls ?? [];
    return { id: call?.['id'], type: 'function', function: call?.['function'] };
  };

  const goOn = (relay: TestRelay, call: Json): Promise<Response> =>
    chat(relay, {
      model: 'gemini-3-pro-preview',
      tools: [TOOL],
      messages: [
        QUESTION,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: call['id'], content: '12:00' },
      ],
    });

  test('one of another way is never sent; on the same way it is', async () => {
    const relay = await start({ door: 'code-assist', env: KEY });
    const { simulator } = relay;
    const call = await firstCall(relay);
    expect((await goOn(relay, call)).status).toBe(200);
    expect(simulator.asked('generate').at(-1)?.text).not.toContain(SENTINEL);
    expect(simulator.asked('generate').at(-1)?.text).toContain('"thoughtSignature":"');

    rmSync(relay.credentialsFile);
    await until('the key is used', async () => (await health(relay))['upstream'] === 'gemini-api');
    simulator.clear();
    expect((await goOn(relay, call)).status).toBe(200);
    expect(simulator.asked('generate')).toHaveLength(1);
    expect(simulator.asked('generate')[0]?.text).toContain(SENTINEL);
  });

  test('nor is one of another login', async () => {
    const relay = await start({ door: 'code-assist' });
    const { simulator } = relay;
    const call = await firstCall(relay);
    const { door } = relay.relay.parts;
    const before = door.account;
    writeFileSync(relay.credentialsFile, JSON.stringify(simulator.issue()), { mode: 0o600 });
    await until('the other login is used', () => door.account !== before);
    simulator.clear();
    expect((await goOn(relay, call)).status).toBe(200);
    expect(simulator.asked('generate')).toHaveLength(1);
    expect(simulator.asked('generate')[0]?.text).toContain(SENTINEL);
  });

  test.each(['code-assist', 'gemini-api', 'vertex'] as const)(
    'one that a client brings from elsewhere costs one more call, through %s',
    async (door) => {
      const relay = await start({ door });
      const call = await firstCall(relay);
      relay.simulator.clear();
      const foreign = Buffer.from('signed by somebody else entirely').toString('base64');
      const answer = await goOn(relay, { ...call, extra_content: { google: { thought_signature: foreign } } });
      expect(answer.status).toBe(200);
      const asked = relay.simulator.asked('generate');
      expect(asked).toHaveLength(2);
      expect(asked[0]?.text).toContain(foreign);
      expect(asked[1]?.text).not.toContain(foreign);
    },
  );
});
