/** Official SDKs while a door falls out: they see an answer, whole or streamed, once and unmixed, and nothing else. */
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { resetBeforeHeaders, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { until } from '../support/virtual-system.ts';

const API_KEY = `AIza${'Simulated'.repeat(4).slice(0, 35)}`;

let relay: TestRelay;
beforeEach(async () => {
  relay = await startRelay({
    env: {
      UPSTREAM: 'code-assist,gemini-api',
      GEMINI_API_KEY: API_KEY,
      MAX_RETRIES: '0',
      FIRST_BYTE_TIMEOUT_MS: '400',
    },
  });
});
afterEach(() => relay.close());

const WORDS = 'one two three four five';
const SAY = `say exactly: ${WORDS}`;
const model = 'gemini-2.5-flash';
const FAULTS: readonly (readonly [string, () => Fault, cause: string])[] = [
  ['the quota of the day is used up', () => google.dailyQuota(), 'daily_quota'],
  ['there is no capacity', () => google.capacityExhausted(), 'capacity'],
  ['the account is not served', () => google.licenceMissing(), 'ineligible'],
  ['Google fails', () => google.serverError(500), 'server_error'],
  ['the connection breaks', () => resetBeforeHeaders(), 'network'],
  ['there is no first byte in time', () => stallBeforeHeaders(), 'network'],
];

const openai = (): OpenAI => new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0 });
const anthropic = (): Anthropic => new Anthropic({ apiKey: relay.key, baseURL: relay.url, maxRetries: 0 });
const genai = (): GoogleGenAI => new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });

const ASKS: Readonly<Record<string, () => Promise<string>>> = {
  'openai, chat, whole': async () =>
    (await openai().chat.completions.create({ model, messages: [{ role: 'user', content: SAY }] })).choices[0]?.message
      .content ?? '',
  'openai, chat, streamed': async () => {
    let text = '';
    const stream = await openai().chat.completions.create({
      model,
      messages: [{ role: 'user', content: SAY }],
      stream: true,
    });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    return text;
  },
  'openai, responses, whole': async () => (await openai().responses.create({ model, input: SAY })).output_text,
  'openai, responses, streamed': async () => {
    let text = '';
    for await (const event of await openai().responses.create({ model, input: SAY, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    return text;
  },
  'anthropic, whole': async () =>
    (await anthropic().messages.create({ model, max_tokens: 99, messages: [{ role: 'user', content: SAY }] })).content
      .map((block) => (block.type === 'text' ? block.text : ''))
      .join(''),
  'anthropic, streamed': async () =>
    anthropic()
      .messages.stream({ model, max_tokens: 99, messages: [{ role: 'user', content: SAY }] })
      .finalText(),
  '@google/genai, whole': async () => (await genai().models.generateContent({ model, contents: SAY })).text ?? '',
  '@google/genai, streamed': async () => {
    let text = '';
    for await (const chunk of await genai().models.generateContentStream({ model, contents: SAY }))
      text += chunk.text ?? '';
    return text;
  },
};

const causes = (): readonly (string | null)[] =>
  relay.relay.parts.door.control
    .states()
    .flatMap(({ cause, models }) => [cause, ...models.map((one) => one.cause)])
    .filter((cause) => cause !== null);

describe.each(FAULTS)('%s', (_what, fault, cause) => {
  test.each(Object.entries(ASKS))('%s', async (_name, ask) => {
    relay.simulator.next('generate', fault());
    expect(await ask()).toBe(WORDS);
    expect(relay.simulator.asked('generate').map(({ door }) => door)).toEqual(['code-assist', 'gemini-api']);
    expect(causes()).toEqual([cause]);
    // The next one goes straight there.
    expect(await ask()).toBe(WORDS);
    expect(relay.simulator.asked('generate').at(-1)?.door).toBe('gemini-api');
    expect(relay.simulator.asked('generate')).toHaveLength(3);
  });
});

test('a client that leaves while the next door is asked ends that call, and closes no door', async () => {
  relay.simulator.next('generate', google.dailyQuota(), stallBeforeHeaders());
  const leaving = new AbortController();
  const asked = openai().chat.completions.create(
    { model, messages: [{ role: 'user', content: SAY }] },
    { signal: leaving.signal },
  );
  await until('the second is asked', () => relay.simulator.asked('generate').length === 2);
  leaving.abort();
  await expect(asked).rejects.toThrow('aborted');
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(causes()).toEqual(['daily_quota']);
  expect(relay.simulator.asked('generate')).toHaveLength(2);
});
