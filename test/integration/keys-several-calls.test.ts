/** Requests of client keys that take several calls, and several doors. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dailyQuota } from '../../src/simulator/google-faults.ts';
import type { Row } from '../../src/store/database.ts';
import { newKeyAt } from '../keys/people.ts';
import type { MadeKey } from '../keys/people.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const API_KEY = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({
    env: { DATABASE_URL: undefined, MAX_RETRIES: '0', UPSTREAM: 'gemini-api,code-assist', GEMINI_API_KEY: API_KEY },
  });
});
afterAll(() => relay.close());

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

const newKey = (...options: readonly string[]): Promise<MadeKey> => newKeyAt(relay, ...options);

const remainingOf = async (secret: string): Promise<Record<string, number>> => {
  const answer = await relay.fetch('/v1/usage', { headers: bearer(secret) });
  return ((await answer.json()) as { remaining: Record<string, number> }).remaining;
};

const rowOf = async (name: string, route: string): Promise<Row | undefined> => {
  await relay.relay.parts.ledger.flush();
  const [row] = await relay.relay.parts.store.read('SELECT * FROM requests WHERE key = ? AND route LIKE ?', [
    name,
    `%${route}`,
  ]);
  return row;
};

test('three pictures are one request with the tokens of all of them, at one place of those at a time', async () => {
  const { name, secret } = await newKey('--rpm', '2', '--concurrent', '1', '--tokens-per-day', '1000000');
  const image = { model: 'gemini-2.5-flash-image', prompt: 'a lighthouse' };
  const usageOf = async (n: number): Promise<number> => {
    const answer = await relay.post('/v1/images/generations', { ...image, n }, { headers: bearer(secret) });
    expect(answer.status).toBe(200);
    const { data, usage } = (await answer.json()) as { data: unknown[]; usage: { total_tokens: number } };
    expect(data).toHaveLength(n);
    return usage.total_tokens;
  };
  const one = await usageOf(1);
  const before = await remainingOf(secret);
  expect(before).toMatchObject({ rpm: 1, concurrent: 1, tokens_per_day: 1_000_000 - one });
  const three = await usageOf(3);
  expect(three).toBe(3 * one);
  expect(await remainingOf(secret)).toMatchObject({ rpm: 0, concurrent: 1, tokens_per_day: 1_000_000 - 4 * one });
  const refused = await relay.post('/v1/images/generations', { ...image, n: 3 }, { headers: bearer(secret) });
  expect(refused.status).toBe(429);
  expect(await remainingOf(secret)).toMatchObject({ rpm: 0, concurrent: 1, tokens_per_day: 1_000_000 - 4 * one });
  const rows = await relay.relay.parts.store.read(
    'SELECT status, input_tokens + output_tokens AS tokens FROM requests WHERE key = ? AND route LIKE ? ORDER BY place',
    [name, '%images/generations'],
  );
  expect(rows.slice(0, 2)).toEqual([
    { status: 200, tokens: one },
    { status: 200, tokens: three },
  ]);
});

test('two hundred texts are one request, with the tokens of both calls', async () => {
  const { name, secret } = await newKey('--rpm', '3', '--concurrent', '1', '--tokens-per-day', '100000');
  const input = Array.from({ length: 200 }, (_none, index) => `text number ${index}`);
  const answer = await relay.post(
    '/v1/embeddings',
    { model: 'gemini-embedding-001', input },
    { headers: bearer(secret) },
  );
  expect(answer.status).toBe(200);
  const { data, usage } = (await answer.json()) as { data: unknown[]; usage: { prompt_tokens: number } };
  expect(data).toHaveLength(200);
  expect(usage.prompt_tokens).toBeGreaterThan(400);
  expect(await remainingOf(secret)).toMatchObject({
    rpm: 2,
    concurrent: 1,
    tokens_per_day: 100_000 - usage.prompt_tokens,
  });
  expect(await rowOf(name, 'embeddings')).toMatchObject({ status: 200, input_tokens: usage.prompt_tokens });
});

test.each([false, true])(
  'a message whose search is a call of the relay is one request (streamed: %s)',
  async (stream) => {
    const { name, secret } = await newKey('--rpm', '2', '--concurrent', '1', '--tokens-per-day', '1000000');
    const body = {
      model: 'gemini-2.5-flash',
      max_tokens: 4096,
      messages: [{ role: 'user', content: 'call web_search {"query":"news"}' }],
      tools: [
        { name: 'f', input_schema: { type: 'object' } },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      stream,
    };
    const answer = await relay.post('/v1/messages', body, { headers: bearer(secret) });
    const text = await answer.text();
    expect([answer.status, text.includes('web_search_tool_result')]).toEqual([200, true]);
    const told = [...text.matchAll(/"usage":\{[^{}]*"input_tokens":(\d+)[^{}]*"output_tokens":(\d+)/g)].at(-1);
    const tokens = Number(told?.[1]) + Number(told?.[2]);
    expect(await remainingOf(secret)).toMatchObject({ rpm: 1, concurrent: 1, tokens_per_day: 1_000_000 - tokens });
    expect(await rowOf(name, '/messages')).toMatchObject({ status: 200 });
  },
);

test("a key's own doors are counted where they are closed, and no others", async () => {
  const { secret } = await newKey('--doors', 'gemini-api');
  const chat = { model: 'gemini-2.5-pro', messages: [{ role: 'user', content: 'Hello' }] };
  relay.simulator.next('generate', dailyQuota());
  for (const when of ['when it is found out', 'when it is known']) {
    const answer = await relay.post('/v1/chat/completions', chat, { headers: bearer(secret) });
    expect(answer.status).toBe(429);
    expect(await answer.text(), when).toContain('of 1 door 1 out of quota for today');
  }
  const owners = await relay.post('/v1/chat/completions', chat);
  expect([owners.status, owners.headers.get('x-relay-door')]).toEqual([200, 'code-assist']);
});
