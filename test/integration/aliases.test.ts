import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] };
const chat = (model: string) => ({ model, messages: [{ role: 'user', content: 'Hello' }] });

describe('MODEL_ALIASES on every route', () => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({
      door: 'gemini-api',
      env: {
        MODEL_ALIASES: 'gpt-image=gemini-2.5-flash-image,text-embedding-*=gemini-embedding-001,gpt-*=gemini-3.8-flash',
      },
    });
  });
  afterAll(() => relay.close());

  test.each([
    ['/v1/chat/completions', chat('gpt-5'), 'gpt-5', 'gemini-3.8-flash'],
    ['/v1/completions', { model: 'gpt-5', prompt: 'Hello' }, 'gpt-5', 'gemini-3.8-flash'],
    [
      '/v1/embeddings',
      { model: 'text-embedding-3-small', input: 'a' },
      'text-embedding-3-small',
      'gemini-embedding-001',
    ],
    ['/v1/images/generations', { model: 'gpt-image', prompt: 'a cat' }, undefined, 'gemini-2.5-flash-image'],
    ['/v1beta/models/gpt-5:generateContent', hello, undefined, 'gemini-3.8-flash'],
    ['/v1beta/models/gpt-5:countTokens', hello, undefined, 'gemini-3.8-flash'],
    [
      '/v1beta/models/text-embedding-3-small:embedContent',
      { content: { parts: [{ text: 'a' }] } },
      undefined,
      'gemini-embedding-001',
    ],
  ])('%s', async (path, body, asked, served) => {
    const answer = await relay.post(path, body);
    const json = (await answer.json()) as { model?: string };
    expect(answer.status, JSON.stringify(json)).toBe(200);
    expect(answer.headers.get('x-relay-model')).toBe(served);
    if (asked !== undefined) expect(json.model).toBe(asked);
  });

  test('a name of no alias has no such header, and an unknown one is told what there is', async () => {
    const plain = await relay.post('/v1/chat/completions', chat('gemini-2.5-flash'));
    expect([plain.status, plain.headers.has('x-relay-model')]).toEqual([200, false]);
    const unknown = await relay.post('/v1/chat/completions', chat('claude-opus-5'));
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('The nearest ids: ');
  });

  test('-nothinking of a model that thinks anyway is told', async () => {
    const thinking = async (path: string, body: object) =>
      (await relay.post(path, body)).headers.get('x-relay-thinking');
    expect(await thinking('/v1/chat/completions', chat('gpt-5-nothinking'))).toBe('minimal');
    expect(await thinking('/v1beta/models/gemini-3.7-flash-nothinking:generateContent', hello)).toBe('minimal');
    expect(await thinking('/v1/chat/completions', chat('gemini-3.6-flash-nothinking'))).toBeNull();
    expect(await thinking('/v1/chat/completions', chat('gemini-2.5-flash-nothinking'))).toBeNull();
  });
});

test('names of Claude are served without any setting, and not with off', async () => {
  const relay = await startRelay();
  const off = await startRelay({ env: { MODEL_ALIASES: 'off' } });
  try {
    const answer = await relay.post('/v1/chat/completions', chat('claude-opus-5[1m]'));
    expect(await answer.json()).toMatchObject({ model: 'claude-opus-5[1m]' });
    expect(answer.headers.get('x-relay-model')).toBe('gemini-3.1-pro-preview');
    expect((await off.post('/v1/chat/completions', chat('claude-opus-5'))).status).toBe(404);
  } finally {
    await Promise.all([relay.close(), off.close()]);
  }
});
