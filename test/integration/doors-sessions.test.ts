/** Which of many keys serves a request: the one of its conversation, on every route. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const LABELS = Array.from({ length: 16 }, (_none, index) => `k${index}`);
let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({
    door: 'none',
    env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: LABELS.map((label) => `${label}=AQ.key-${label}`).join(',') },
  });
  for (const label of LABELS) relay.simulator.apiKeys.set(`AQ.key-${label}`, newApiKey(newProject(label)));
});
afterAll(() => relay.close());

type Json = Record<string, unknown>;
interface Route {
  readonly path: string;
  readonly body: (words: string, more?: Json) => Json;
}

const said = (content: string) => [{ role: 'user', content }];
const model = 'gemini-2.5-flash';
const contents = (text: string) => ({ contents: [{ role: 'user', parts: [{ text }] }] });
const ROUTES: Readonly<Record<string, Route>> = {
  chat: { path: '/v1/chat/completions', body: (words, more) => ({ model, messages: said(words), ...more }) },
  responses: { path: '/v1/responses', body: (words, more) => ({ model, input: words, ...more }) },
  messages: {
    path: '/v1/messages',
    body: (words, more) => ({ model, max_tokens: 99, messages: said(words), ...more }),
  },
  'count of messages': {
    path: '/v1/messages/count_tokens',
    body: (words, more) => ({ model, messages: said(words), ...more }),
  },
  completions: { path: '/v1/completions', body: (words) => ({ model, prompt: words }) },
  embeddings: { path: '/v1/embeddings', body: (words) => ({ model: 'gemini-embedding-001', input: words }) },
  native: { path: `/v1beta/models/${model}:generateContent`, body: contents },
  'native stream': { path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`, body: contents },
  'native count': { path: `/v1beta/models/${model}:countTokens`, body: contents },
  'native embedding': {
    path: '/v1beta/models/gemini-embedding-001:embedContent',
    body: (words) => ({ content: { parts: [{ text: words }] } }),
  },
};

const doorOf = async ({ path, body }: Route, words: string, more: Json = {}, headers = {}): Promise<string | null> => {
  const response = await relay.post(path, body(words, more), { headers });
  expect([response.status, path]).toEqual([200, path]);
  await response.text();
  return response.headers.get('x-relay-door');
};

test.each(Object.entries(ROUTES))('%s: a session in a header holds its key, whatever is said', async (_name, route) => {
  const doors = new Set<string | null>();
  for (const header of ['session-id', 'x-claude-code-session-id', 'x-session-affinity']) {
    const one = await doorOf(route, 'hello', {}, { [header]: 'session 1' });
    expect(await doorOf(route, 'another thing', {}, { [header]: 'session 1' })).toBe(one);
    doors.add(one);
  }
  // The name of the header is not part of it: Codex and its sub-agents name theirs differently.
  expect(doors.size).toBe(1);
});

test.each(Object.entries(ROUTES))('%s: without a session the first words decide, and spread', async (_name, route) => {
  const doors = new Set<string | null>();
  for (let turn = 0; turn < 10; turn += 1) {
    const words = `conversation ${turn}`;
    const door = await doorOf(route, words);
    expect(await doorOf(route, words)).toBe(door);
    doors.add(door);
  }
  expect(doors.size).toBeGreaterThan(3);
});

test.each([
  ['chat', { prompt_cache_key: 'a session' }],
  ['responses', { prompt_cache_key: 'a session' }],
  ['messages', { metadata: { user_id: '{"device_id":"d","session_id":"a session"}' } }],
])('%s: a session in the body holds its key', async (name, more) => {
  const route = ROUTES[name];
  if (!route) throw new Error(`no route ${name}`);
  const doors = new Set<string | null>();
  for (let turn = 0; turn < 6; turn += 1) doors.add(await doorOf(route, `words ${turn}`, more));
  expect(doors.size).toBe(1);
});

test.each([
  ['chat', { prompt_cache_key: 'a session', session_id: 'another' }],
  ['responses', { prompt_cache_key: 'a session', session_id: 'another' }],
  ['messages', { metadata: { user_id: 'a session' } }],
])('%s: what names the session is of use, and not told as ignored', async (name, more) => {
  const route = ROUTES[name];
  const response = await relay.post(route?.path ?? '', route?.body('words', { ...more, no_such_field: 1 }));
  await response.text();
  expect(response.headers.get('x-relay-ignored')).toBe('no_such_field');
});

const upload = async (headers: Record<string, string>): Promise<string | null> => {
  const form = new FormData();
  form.set('purpose', 'user_data');
  form.set('file', new Blob(['words'], { type: 'text/plain' }), 'words.txt');
  const response = await relay.fetch('/v1/files', { method: 'POST', body: form, headers });
  expect(response.status, await response.text()).toBe(200);
  return response.headers.get('x-relay-door');
};

test('files of one session are at one key, those of many spread over the keys', async () => {
  const counts = new Map<string | null, number>();
  for (let session = 0; session < 32; session += 1) {
    const headers = { 'x-session-id': `session ${session}` };
    const door = await upload(headers);
    if (session < 3) expect(await upload(headers)).toBe(door);
    counts.set(door, (counts.get(door) ?? 0) + 1);
  }
  // Thirty-two on sixteen keys: by chance alone about fourteen have one, and none has more than eight.
  expect(counts.size).toBeGreaterThan(9);
  expect(Math.max(...counts.values())).toBeLessThan(9);
});

test('without a session the files of a caller are at one key: a request may name several of them together', async () => {
  const doors = new Set([await upload({}), await upload({}), await upload({})]);
  expect(doors.size).toBe(1);
});
