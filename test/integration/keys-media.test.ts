/** Speech, transcripts and pictures keep to the models and limits of a client key as chats do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKeyAt } from '../keys/people.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { wavOf } from '../support/wav.ts';
import { eventually } from '../support/eventually.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'gemini-api', env: { DATABASE_URL: undefined } });
});
afterAll(() => relay.close());

const newKey = async (...options: readonly string[]): Promise<string> => (await newKeyAt(relay, ...options)).secret;

const ask = (key: string, path: string, body?: object): Promise<Response> =>
  fetch(relay.url + path, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && !(body instanceof FormData) && { 'content-type': 'application/json' }),
    },
    ...(body && { method: 'POST', body: body instanceof FormData ? body : JSON.stringify(body) }),
  });

const form = (fields: Readonly<Record<string, string>>, name: string, file: Blob): FormData => {
  const made = new FormData();
  for (const [field, value] of Object.entries(fields)) made.append(field, value);
  made.append(name, file, name === 'file' ? 'a.wav' : 'a.png');
  return made;
};
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const ROUTES: readonly (readonly [path: string, body: () => object])[] = [
  ['/v1/audio/speech', () => ({ model: 'tts-1', voice: 'nova', input: 'Good morning.' })],
  ['/v1/audio/transcriptions', () => form({ model: 'whisper-1' }, 'file', new Blob([wavOf(1)]))],
  ['/v1/audio/translations', () => form({ model: 'whisper-1' }, 'file', new Blob([wavOf(1)]))],
  ['/v1/images/generations', () => ({ model: 'gpt-image-1', prompt: 'A cat.' })],
  ['/v1/images/edits', () => form({ model: 'gpt-image-1', prompt: 'A hat.' }, 'image', new Blob([PNG]))],
];

describe.each(ROUTES)('%s', (path, body) => {
  test('is for keys that may use the model', async () => {
    const answer = await ask(await newKey('--models', 'gemini-embedding-*'), path, body());
    const text = await answer.text();
    expect(answer.status, text).toBeOneOf([400, 403]);
    expect(text).toMatch(/may not use the model|No model that this relay offers you/);
    expect((await ask(await newKey('--models', '*'), path, body())).status).toBe(200);
  });

  test('counts as requests and tokens of the key', async () => {
    const key = await newKey('--requests-per-day', '1');
    expect((await ask(key, path, body())).status).toBe(200);
    const second = await ask(key, path, body());
    expect(second.status).toBe(429);
    expect(await second.text()).toContain('has used its 1 request per day.');
    await eventually(async () => {
      const usage = (await (await ask(key, '/v1/usage')).json()) as {
        today: { requests: number; output_tokens: number };
      };
      expect(usage.today.output_tokens).toBeGreaterThan(0);
    });
  });
});
