/** A model that is asked for what it cannot do: a 400 that names those that can, on every route, and Google is not asked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api' });
});
afterAll(() => relay.close());

const [TTS, LIVE, EMBED, FILM] = [
  'gemini-3.8-flash-tts',
  'gemini-3.8-live',
  'gemini-embedding-001',
  'veo-3.1-generate-preview',
];
const chat = (model: string) =>
  ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'x' }] }] as const;
const contents = [{ role: 'user', parts: [{ text: 'x' }] }];

const CASES: readonly (readonly [path: string, body: object, able: string])[] = [
  ...[TTS, LIVE, EMBED, FILM].flatMap((model) => [
    [...chat(model), 'gemini-2.5-pro'] as const,
    ['/v1/responses', { model, input: 'x' }, 'gemini-2.5-pro'] as const,
    ['/v1/messages', { model, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }, 'gemini-2.5-pro'] as const,
  ]),
  ...[LIVE, EMBED, FILM].map(
    (model) => [`/v1beta/models/${model}:generateContent`, { contents }, 'gemini-2.5-pro'] as const,
  ),
  ...['gemini-2.5-flash', TTS, LIVE, FILM].flatMap((model) => [
    ['/v1/embeddings', { model, input: 'x' }, EMBED] as const,
    [`/v1beta/models/${model}:embedContent`, { content: contents[0] }, EMBED] as const,
  ]),
  ['/v1/audio/speech', { model: 'gemini-2.5-flash', voice: 'nova', input: 'x' }, TTS],
  ['/v1/images/generations', { model: 'gemini-2.5-flash', prompt: 'x' }, 'gemini-2.5-flash-image'],
];

test.each(CASES)('%s %j', async (path, body, able) => {
  const before = relay.simulator.requests.length;
  const answer = await relay.post(path, body);
  const text = await answer.text();
  expect(answer.status, text).toBe(400);
  expect(text).toContain(able);
  const asked = relay.simulator.requests.slice(before).filter(({ operation }) => operation !== 'listModels');
  expect(asked).toEqual([]);
});

test('what each can do is in the list of the Gemini API; that of OpenAI has what can be used there', async () => {
  const google = (await (await relay.fetch('/v1beta/models?pageSize=200')).json()) as {
    models: { name: string; supportedGenerationMethods: string[] }[];
  };
  const methodsOf = (id: string) =>
    google.models.find(({ name }) => name === `models/${id}`)?.supportedGenerationMethods;
  expect(methodsOf(LIVE)).toEqual(['bidiGenerateContent']);
  expect(methodsOf(FILM)).toEqual(['predictLongRunning']);
  expect(methodsOf(EMBED)).toContain('embedContent');
  expect(methodsOf(TTS)).toContain('generateContent');
  const openai = (await (await relay.fetch('/v1/models')).json()) as { data: { id: string }[] };
  const ids = openai.data.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([TTS, EMBED, 'gemini-2.5-pro']));
  expect(ids).not.toEqual(expect.arrayContaining([LIVE]));
  expect(ids).not.toEqual(expect.arrayContaining([FILM]));
});
