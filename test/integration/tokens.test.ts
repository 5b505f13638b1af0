/** One truth of tokens: what the line of a request counts is the same on every route, and however the answer ends. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { answering, cutAfter, stallAfter } from '../../src/simulator/faults.ts';
import { PNG } from '../../src/simulator/picture.ts';
import { chunk, ends, usage } from '../../src/simulator/scripted.ts';
import { startRelay } from '../support/relay.ts';
import type { DoorName, TestRelay } from '../support/relay.ts';
import { until } from '../support/virtual-system.ts';

const DOORS: readonly DoorName[] = ['code-assist', 'gemini-api', 'vertex'];
const relays = new Map<DoorName, TestRelay>();
beforeAll(async () => {
  for (const door of DOORS) relays.set(door, await startRelay({ door }));
});
afterAll(() => Promise.all([...relays.values()].map((relay) => relay.close())));
afterEach(() => {
  for (const relay of relays.values()) {
    relay.simulator.clear();
    relay.logs.length = 0;
  }
});

const relayAt = (door: DoorName): TestRelay => {
  const relay = relays.get(door);
  if (!relay) throw new Error(`no relay for ${door}`);
  return relay;
};

const tokensOf = async ({ logs }: TestRelay): Promise<Record<string, unknown>> => {
  const find = (): string | undefined => logs.find((line) => line.includes('"message":"request"'));
  await until('the request line', () => find() !== undefined);
  const line = JSON.parse(find() ?? '{}') as Record<string, unknown>;
  return Object.fromEntries(Object.entries(line).filter(([name]) => name.endsWith('Tokens')));
};

const MODEL = 'gemini-2.5-flash';
const NATIVE = `/v1beta/models/${MODEL}`;
const native = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
const chat = { model: MODEL, messages: [{ role: 'user', content: 'Hello' }] };
const legacy = { model: MODEL, prompt: 'Hello' };

const COUNTS = usage(9, 19, { thoughtsTokenCount: 400, cachedContentTokenCount: 4, totalTokenCount: 428 });
const LOGGED = { promptTokens: 9, cachedTokens: 4, outputTokens: 419, thoughtTokens: 400 };

const ROUTES: readonly (readonly [path: string, body: object])[] = [
  [`${NATIVE}:generateContent`, native],
  [`${NATIVE}:streamGenerateContent?alt=sse`, native],
  [`${NATIVE}:streamGenerateContent`, native],
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', { ...chat, stream: true }],
  ['/v1/completions', legacy],
  ['/v1/completions', { ...legacy, stream: true }],
];

describe.each(DOORS)('%s', (door) => {
  test.each(ROUTES)('%s %j counts thoughts and cached tokens alike', async (path, body) => {
    const relay = relayAt(door);
    relay.simulator.always('generate', answering(chunk([{ text: 'Hi. ' }]), { ...ends('STOP'), ...COUNTS }));
    await (await relay.post(path, body)).text();
    expect(await tokensOf(relay)).toEqual(LOGGED);
  });

  const STREAMS = ROUTES.filter(([path, body]) => path.includes('stream') || 'stream' in body);
  const SO_FAR = usage(9, 3);
  const story = Array.from({ length: 12 }, () => chunk([{ text: 'More of it. ' }], {}, SO_FAR));
  const told = { promptTokens: 9, outputTokens: 3 };

  test.each(STREAMS)('%s %j: what a stream used until it broke', async (path, body) => {
    const relay = relayAt(door);
    relay.simulator.always('generate', answering(...story));
    await (await relay.post(path, body)).text().catch(() => undefined);
    expect(await tokensOf(relay)).toEqual(told);
  });

  test.each(STREAMS)('%s %j: what a stream used until its client left', async (path, body) => {
    const relay = relayAt(door);
    const silent: Fault = (ask, honest) => stallAfter(story.length)(ask, async () => answering(...story)(ask, honest));
    relay.simulator.always('generate', silent);
    const leaving = new AbortController();
    const response = await relay.post(path, body, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    expect(await tokensOf(relay)).toEqual(told);
  });

  test('a refused prompt', async () => {
    const relay = relayAt(door);
    relay.simulator.always('generate', answering({ promptFeedback: { blockReason: 'SAFETY' }, ...usage(9, 0) }));
    expect((await relay.post('/v1/chat/completions', chat)).status).toBe(400);
    expect(await tokensOf(relay)).toEqual({ promptTokens: 9, outputTokens: 0 });
  });

  test('an answer that never came', async () => {
    const relay = relayAt(door);
    relay.simulator.always('generate', cutAfter(0));
    await (await relay.post('/v1/chat/completions', chat)).text();
    expect(await tokensOf(relay)).toEqual({});
  });
});

test('pictures: those of all calls together', async () => {
  const relay = relayAt('gemini-api');
  const picture = chunk([{ inlineData: { mimeType: 'image/png', data: PNG } }], { finishReason: 'STOP' }, COUNTS);
  relay.simulator.always('generate', answering(picture));
  const response = await relay.post('/v1/images/generations', { prompt: 'A cat', n: 2 });
  expect(response.status).toBe(200);
  expect(await tokensOf(relay)).toEqual({ promptTokens: 18, cachedTokens: 8, outputTokens: 838, thoughtTokens: 800 });
});

test.each([
  ['gemini-api', '/v1/embeddings', { model: 'gemini-embedding-001', input: ['one text', 'another'] }],
  ['vertex', '/v1/embeddings', { model: 'gemini-embedding-001', input: ['one text', 'another'] }],
] as const)('embeddings over %s: the client and the log are told the same', async (door, path, body) => {
  const relay = relayAt(door);
  const answer = (await (await relay.post(path, body)).json()) as { usage: { prompt_tokens: number } };
  expect(answer.usage.prompt_tokens).toBeGreaterThan(0);
  expect(await tokensOf(relay)).toEqual({ promptTokens: answer.usage.prompt_tokens, outputTokens: 0 });
});

test('native embeddings, too', async () => {
  const relay = relayAt('gemini-api');
  const content = { parts: [{ text: 'one text' }] };
  const response = await relay.post('/v1beta/models/gemini-embedding-001:embedContent', { content });
  expect(response.status).toBe(200);
  expect(await tokensOf(relay)).toEqual({ promptTokens: 2, outputTokens: 0 });
});
