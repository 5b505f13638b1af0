import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { slowChunks, stallAfter, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import { RELAY_KEY, spawnRelay, environmentOf, startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';

let relay: TestRelay | undefined;
afterEach(async () => {
  await relay?.close();
  relay = undefined;
});
const open = async (options: StartOptions = {}): Promise<TestRelay> => (relay = await startRelay(options));

const chat = (more: object = {}) => ({
  model: 'gemini-2.5-flash',
  messages: [{ role: 'user', content: 'canary-prompt' }],
  ...more,
});
const contents = { contents: [{ role: 'user', parts: [{ text: 'canary-prompt' }] }] };

describe('every door, both families, whole and streamed', () => {
  test.each(['code-assist', 'gemini-api', 'vertex'] as const)('%s', async (door) => {
    const { post, fetch } = await open({ door });
    const whole = await post('/v1/chat/completions', chat());
    expect([whole.status, await whole.text()]).toEqual([200, expect.stringContaining('canary-prompt')]);
    const streamed = await post('/v1/chat/completions', chat({ stream: true }));
    expect(await streamed.text()).toMatch(/data: \[DONE\]\n\n$/);
    const native = await post('/v1beta/models/gemini-2.5-flash:generateContent', contents);
    expect([native.status, await native.text()]).toEqual([200, expect.stringContaining('canary-prompt')]);
    const events = await post('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', contents);
    expect(await events.text()).toMatch(/"finishReason": ?"STOP"/);
    const health = await fetch('/health');
    expect([health.status, await health.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'healthy', upstream: door }),
    ]);
  });
});

describe('T4b: each way to present the key, on each family', () => {
  const ways: readonly [string, string, Record<string, string>][] = [
    ['Bearer', '', { authorization: `Bearer ${RELAY_KEY}` }],
    ['Basic', '', { authorization: `Basic ${Buffer.from(`x:${RELAY_KEY}`).toString('base64')}` }],
    ['x-goog-api-key', '', { 'x-goog-api-key': RELAY_KEY }],
    ['x-api-key', '', { 'x-api-key': RELAY_KEY }],
    ['?key=', `?key=${RELAY_KEY}`, {}],
  ];
  test('lets in; and without one the family says 401 in its own words', async () => {
    const { url } = await open();
    for (const path of ['/v1/models', '/v1beta/models']) {
      for (const [name, query, headers] of ways) {
        expect([name, (await fetch(`${url}${path}${query}`, { headers })).status]).toEqual([name, 200]);
      }
    }
    const openai = await fetch(`${url}/v1/models`);
    expect([openai.status, await openai.json()]).toEqual([
      401,
      {
        error: {
          message: expect.any(String) as unknown,
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_api_key',
        },
      },
    ]);
    const gemini = await fetch(`${url}/v1beta/models`);
    expect([gemini.status, await gemini.json()]).toEqual([
      401,
      { error: { code: 401, message: expect.any(String) as unknown, status: 'UNAUTHENTICATED' } },
    ]);
  });
});

describe('R26: a relay that is told to stop', () => {
  test('finishes the stream in flight', async () => {
    const { post, simulator, relay: running } = await open();
    simulator.always('generate', slowChunks(60));
    const answer = await post('/v1/chat/completions', chat({ stream: true }));
    const closed = running.close(10_000);
    expect(await answer.text()).toMatch(/data: \[DONE\]\n\n$/);
    await closed;
  });

  test('tells a stream that is not done when the time is over, without an end mark', async () => {
    const { post, simulator, relay: running } = await open();
    simulator.always('generate', stallAfter(1));
    const answer = await post('/v1/chat/completions', chat({ stream: true }));
    const closed = running.close(100);
    const text = await answer.text();
    expect(text).toMatch(/"code":"server_shutting_down"/);
    expect(text).not.toContain('[DONE]');
    await closed;
  });
});

test('R22: a client that leaves takes its upstream request along', async () => {
  const { post, simulator } = await open();
  simulator.always('generate', stallBeforeHeaders());
  const leaving = new AbortController();
  const call = post('/v1/chat/completions', chat(), { signal: leaving.signal }).catch(() => 'left');
  await simulator.until(() => simulator.asked('generate').length === 1);
  const before = simulator.connections();
  leaving.abort();
  expect(await call).toBe('left');
  await simulator.until(() => simulator.connections() < before);
  await expect.poll(() => relay?.logs.join('')).toMatch(/"status":499/);
});

test('R30: 100 streams at once do not mix', async () => {
  const { post } = await open();
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const marker = `marker-${index}-end`;
      const answer = await post('/v1/chat/completions', {
        ...chat({ stream: index % 2 === 0 }),
        messages: [{ role: 'user', content: marker }],
      });
      return { marker, text: await answer.text() };
    }),
  );
  for (const { marker, text } of answers) {
    const spoken = [...text.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece).join('');
    expect(spoken.match(/marker-\d+-end/g)).toEqual([marker]);
  }
});

test('S15: no secret and no prompt in any output, at debug level', async () => {
  const { post, fetch, simulator, logs, credentialsFile } = await open();
  simulator.expireTokens();
  await (await post('/v1/chat/completions?key=canary-url-key', chat({ stream: true }))).text();
  await (await fetch('/v1/models', { headers: { authorization: 'Bearer canary-wrong-key' } })).text();
  await (await post('/v1/chat/completions', '{"canary-broken')).text();
  simulator.revokeTokens();
  await (await post('/v1/chat/completions', chat())).text();
  const stored = JSON.parse(readFileSync(credentialsFile, 'utf8')) as Record<string, string>;
  const output = logs.join('');
  expect(logs.length).toBeGreaterThan(4);
  expect(output).not.toMatch(/canary/);
  for (const secret of [
    RELAY_KEY,
    simulator.credentials.access_token,
    stored['refresh_token'],
    stored['access_token'],
  ]) {
    expect(output).not.toContain(secret ?? 'unset');
  }
});

test('S15: the process itself prints none either', async () => {
  const { simulator, folder } = await open();
  const spawned = spawnRelay({ ...environmentOf(simulator, folder), LOG_FORMAT: 'pretty' }, folder);
  const url = await spawned.listening;
  await fetch(`${url}/v1/chat/completions?key=${RELAY_KEY}`, { method: 'POST', body: JSON.stringify(chat()) });
  await fetch(`${url}/${RELAY_KEY}`, { headers: { authorization: `Bearer ${RELAY_KEY}` } });
  spawned.kill();
  expect(await spawned.ended).toBe(0);
  const { stdout, stderr } = spawned.output();
  expect(stdout).toContain('Listening');
  expect(stdout + stderr).not.toMatch(new RegExp(`${RELAY_KEY}|canary`));
  expect(readFileSync(join(folder, 'oauth_creds.json'), 'utf8')).toContain('refresh_token');
});
