import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newApiKey, newProject, type ApiKey, type Project } from '../../src/simulator/api-keys.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';

const KEY = 'AQ.simulated-further-key';
const PATH = '/v1beta/models/gemini-2.5-flash';

// Ten seconds before midnight in Los Angeles.
const START = Date.parse('2026-07-16T06:59:50Z');
let now = START;
let google: Simulator;
beforeAll(async () => {
  google = await startSimulator({ now: () => now });
});
beforeEach(() => {
  now = START;
  google.reset();
});
afterAll(() => google.close());

interface Refusal {
  readonly message: string;
  readonly status: string;
  readonly details?: readonly Record<string, unknown>[];
}

const ask = async (key = KEY, path = `${PATH}:generateContent`) => {
  const answer = await fetch(`${google.url}${path}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }),
  });
  const json = (await answer.json()) as { error?: Refusal } | [{ error?: Refusal }];
  const error = (Array.isArray(json) ? json[0] : json).error;
  return { status: answer.status, message: error?.message ?? '', details: error?.details ?? [] };
};

test.each<[ApiKey['state'], number, RegExp]>([
  ['valid', 200, /^$/],
  ['invalid', 400, /API key not valid/],
  ['retired', 401, /Expected OAuth 2 access token/],
  ['leaked', 403, /reported as leaked/],
  ['blocked', 403, /are blocked/],
])('a key that is %s', async (state, status, message) => {
  google.apiKeys.set(KEY, newApiKey(newProject('one'), state));
  const answer = await ask();
  expect(answer.status).toBe(status);
  expect(answer.message).toMatch(message);
});

test.each<[string, Partial<Project>, number, string]>([
  ['without a bill', { billing: 'disabled' }, 403, 'BILLING_DISABLED'],
  ['that is suspended', { suspended: true }, 403, 'CONSUMER_SUSPENDED'],
])('a project %s', async (_what, more, status, reason) => {
  google.apiKeys.set(KEY, newApiKey(newProject('one', more)));
  const answer = await ask();
  expect([answer.status, answer.details[0]?.['reason']]).toEqual([status, reason]);
});

test('a project without credits, in words alone', async () => {
  google.apiKeys.set(KEY, newApiKey(newProject('one', { billing: 'depleted' })));
  expect(await ask()).toMatchObject({ status: 429, message: /credits are depleted/, details: [] });
});

const quotaOf = ({ details }: { details: readonly Record<string, unknown>[] }): string => JSON.stringify(details);

test('a quota of the minute is of one model, of all keys of the project, and back with the next minute', async () => {
  const project = newProject('one', { quota: { perMinute: 2 } });
  google.apiKeys.set(KEY, newApiKey(project));
  google.apiKeys.set('AQ.sibling', newApiKey(project));
  google.apiKeys.set('AQ.stranger', newApiKey(newProject('two', { quota: { perMinute: 2 } })));
  expect((await ask()).status).toBe(200);
  expect((await ask('AQ.sibling', `${PATH}:streamGenerateContent?alt=sse`).catch(() => ({ status: 200 }))).status).toBe(
    200,
  );
  const over = await ask();
  expect(over.status).toBe(429);
  expect(quotaOf(over)).toMatch(/GenerateRequestsPerMinutePerProjectPerModel.*"quotaValue":"2".*"retryDelay":"10s"/);
  expect((await ask('AQ.stranger')).status).toBe(200);
  expect((await ask(KEY, '/v1beta/models/gemini-2.5-pro:generateContent')).status).toBe(200);
  expect((await ask(KEY, `${PATH}:countTokens`)).status).toBe(200);
  now += 10_000;
  expect((await ask()).status).toBe(200);
});

test('a quota of the day is back at midnight in Los Angeles', async () => {
  google.apiKeys.set(KEY, newApiKey(newProject('one', { models: { 'gemini-2.5-flash': { perDay: 1 } } })));
  expect((await ask()).status).toBe(200);
  now += 9999;
  const over = await ask();
  expect(over.status).toBe(429);
  expect(quotaOf(over)).toMatch(/GenerateRequestsPerDayPerProjectPerModel.*"retryDelay":"1s"/);
  now += 1;
  expect((await ask()).status).toBe(200);
});

test('a limit of nothing', async () => {
  google.apiKeys.set(KEY, newApiKey(newProject('one', { models: { 'gemini-2.5-flash': { perDay: 0 } } })));
  const none = await ask();
  expect(none.status).toBe(429);
  expect(none.message).toContain('limit: 0, model: gemini-2.5-flash');
  expect((await ask(KEY, '/v1beta/models/gemini-2.5-pro:generateContent')).status).toBe(200);
});

test('reset leaves the one key of the start', async () => {
  google.apiKeys.set(KEY, newApiKey(newProject('one')));
  google.reset();
  expect((await ask()).status).toBe(400);
  expect((await ask(google.apiKey)).status).toBe(200);
});
