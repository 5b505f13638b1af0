import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  cutAfter,
  errorInStream,
  garbageAfter,
  overSeveralLines,
  resetAfter,
  slowBody,
  slowChunks,
  splitInsideCharacters,
} from '../../src/simulator/faults.ts';
import { quotaExhausted, rateLimited } from '../../src/simulator/google-faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { HEARTBEAT_MS: '1000' } });
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
});

const FLASH = '/v1beta/models/gemini-2.5-flash';
const ask = (text: string, more: object = {}): string =>
  JSON.stringify({ contents: [{ role: 'user', parts: [{ text }] }], ...more });

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(relay.url + path, {
    method: 'POST',
    body,
    headers: { 'x-goog-api-key': relay.key, 'content-type': 'application/json', ...headers },
  });

/** The request inside Code Assist's envelope, as text. */
const sent = (): string => relay.simulator.asked('generate').at(-1)?.text ?? '';

/** What came before the end, and whether that end was clean. */
const read = async (response: Response): Promise<{ text: string; clean: boolean }> => {
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) text += decoder.decode(piece as Uint8Array, { stream: true });
    return { text, clean: true };
  } catch {
    return { text, clean: false };
  }
};

const events = (text: string): unknown[] =>
  text
    .split('\r\n\r\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice('data: '.length)) as unknown);

const textOf = (chunks: readonly unknown[]): string =>
  (chunks as { candidates?: { content?: { parts?: { text?: string; thought?: boolean }[] } }[] }[])
    .flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? [])
    .filter((part) => part.thought !== true)
    .map((part) => part.text ?? '')
    .join('');

describe('S5: the key', () => {
  it.each([
    ['x-goog-api-key', (key: string) => ({ headers: { 'x-goog-api-key': key }, query: '' })],
    ['Bearer', (key: string) => ({ headers: { authorization: `Bearer ${key}` }, query: '' })],
    ['x-api-key', (key: string) => ({ headers: { 'x-api-key': key }, query: '' })],
    ['?key=', (key: string) => ({ headers: {}, query: `?key=${key}` })],
  ])('is read from %s, and goes no further', async (_name, present) => {
    const { headers, query } = present(relay.key);
    const response = await fetch(`${relay.url}${FLASH}:generateContent${query}`, {
      method: 'POST',
      body: ask('Hello'),
      headers,
    });
    expect(response.status).toBe(200);
    expect(JSON.stringify(relay.simulator.requests)).not.toContain(relay.key);
    expect(relay.simulator.leaks()).toEqual([]);
  });

  it.each([{}, { 'x-goog-api-key': 'wrong' }])('is missed or wrong: 401 in Google’s envelope', async (headers) => {
    const response = await fetch(`${relay.url}${FLASH}:generateContent`, {
      method: 'POST',
      body: ask('Hello'),
      headers,
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: { code: 401, message: expect.any(String) as string, status: 'UNAUTHENTICATED' },
    });
  });
});

describe('the request', () => {
  it('H117: loses the keys that Code Assist does not know, and nothing of the arguments', async () => {
    const args = '{"big":9007199254740993,"float":1.0,"exp":1E2,"z_key":1,"a":"\\u00e9"}';
    const body = `{"serviceTier":"flex","contents":[
      {"role":"user","parts":[{"text":"Look"}]},
      {"role":"model","parts":[{"function_call":{"name":"f","args":${args}},"thought_signature":"c2lnbmF0dXJl"}]},
      {"role":"function","parts":[{"functionResponse":{"name":"f","response":{"n":2.50}}}]}],
      "generation_config":{"max_output_tokens":64,"enableEnhancedCivicAnswers":true,"temperature":1.0},
      "tools":[{"function_declarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"big":{"type":"INTEGER"}}}}]}]}`;
    const response = await post(`${FLASH}:generateContent`, body);
    expect(await response.json()).toHaveProperty('candidates');
    expect(sent()).toContain(`"functionCall":{"name":"f","args":${args}}`);
    expect(sent()).toContain('"response":{"n":2.50}');
    expect(sent()).toContain('"generationConfig":{"maxOutputTokens":64,"temperature":1.0}');
    expect(sent()).not.toContain('serviceTier');
  });

  it('takes the model from the path, with its variants', async () => {
    await post(
      '/v1/models/gemini-2.5-flash-search-nothinking:generateContent',
      ask('Hello', { model: 'models/other' }),
    );
    expect(JSON.parse(sent())).toMatchObject({
      model: 'gemini-2.5-flash',
      request: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } }, tools: [{ googleSearch: {} }] },
    });
  });

  it('R29: takes a byte order mark, and repairs half surrogates', async () => {
    const response = await post(`${FLASH}:generateContent`, `\uFEFF${ask('x').replace('"x"', '"a\\ud83db"')}`);
    expect(response.status).toBe(200);
    expect(sent()).toMatch(/a(?:\\ufffd|\uFFFD)b/);
  });

  it('H119: counts with system instruction and tools, without thoughts', async () => {
    const contents = [
      { role: 'user', parts: [{ text: 'one two three four' }] },
      { role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'five' }] },
      { role: 'user', parts: [{ text: 'six' }] },
    ];
    const count = async (body: object): Promise<{ totalTokens: number; estimate: string | null }> => {
      const response = await post(`${FLASH}:countTokens`, JSON.stringify(body));
      const { totalTokens } = (await response.json()) as { totalTokens: number };
      return { totalTokens, estimate: response.headers.get('x-relay-estimate') };
    };
    const plain = await count({ contents });
    const whole = await count({
      generateContentRequest: {
        model: 'models/gemini-2.5-flash',
        contents,
        systemInstruction: { parts: [{ text: 'Always answer in rhymes' }] },
        tools: [{ functionDeclarations: [{ name: 'f', description: 'Does much' }] }],
      },
    });
    expect(whole.totalTokens).toBeGreaterThan(plain.totalTokens);
    expect([plain.estimate, whole.estimate]).toEqual([null, null]);
    expect(relay.simulator.asked('countTokens').at(-1)?.text).not.toContain('thought');
  });

  it('says so when a count is an estimate', async () => {
    relay.simulator.always('countTokens', () => ({ status: 500, headers: {}, steps: [] }));
    const response = await post(`${FLASH}:countTokens`, ask('one two three four'));
    expect(response.headers.get('x-relay-estimate')).toBe('true');
    expect(await response.json()).toHaveProperty('totalTokens');
  });
});

describe('the answer', () => {
  const odd =
    '{"candidates":[{"content":{"role":"model","parts":[{"text":"a","newPart":{"n":1.0}}]},"finishReason":"STOP"}],' +
    '"newField":9007199254740993,"usageMetadata":{"promptTokenCount":1,"totalTokenCount":2}}';

  it('is what Google wrote, whole', async () => {
    relay.simulator.answer(odd);
    const text = await (await post(`${FLASH}:generateContent`, ask('Hello'))).text();
    // The answer's id is all that may be added.
    expect(text.startsWith(odd.slice(0, -1))).toBe(true);
  });

  it('H115: is what Google wrote, as events and as an array', async () => {
    relay.simulator.answer(odd.replace('"finishReason":"STOP"', '"index":0'), odd);
    const sse = await read(await post(`${FLASH}:streamGenerateContent?alt=sse`, ask('Hello')));
    expect(sse.clean).toBe(true);
    expect(sse.text).toContain(`data: ${odd.slice(0, -1)}`);
    expect(sse.text.endsWith('\r\n\r\n')).toBe(true);
    expect(sse.text).not.toContain('DONE');
    relay.simulator.answer(odd.replace('"finishReason":"STOP"', '"index":0'), odd);
    const array = await read(await post(`${FLASH}:streamGenerateContent`, ask('Hello')));
    expect(JSON.parse(array.text)).toHaveLength(2);
    expect(array.text).toContain(',\r\n');
  });

  it('has a list of candidates also where the prompt is blocked', async () => {
    const answer: unknown = await (await post(`${FLASH}:generateContent`, ask('be blocked'))).json();
    expect(answer).toMatchObject({ candidates: [], promptFeedback: { blockReason: expect.any(String) as string } });
  });

  it.each([splitInsideCharacters(), overSeveralLines()])('arrives whole however it was cut %#', async (fault) => {
    relay.simulator.next('generate', fault);
    const { text, clean } = await read(
      await post(`${FLASH}:streamGenerateContent?alt=sse`, ask('say exactly: café 😀')),
    );
    expect(clean).toBe(true);
    expect(textOf(events(text))).toBe('café 😀');
  });

  it('flushes each chunk as it comes', async () => {
    relay.simulator.always('generate', slowChunks(60));
    for (const query of ['', '?alt=sse']) {
      const response = await post(`${FLASH}:streamGenerateContent${query}`, ask('stream 6 words'));
      const pieces: unknown[] = [];
      for await (const piece of response.body ?? []) pieces.push(piece);
      expect(pieces.length).toBeGreaterThan(3);
    }
  });

  it.each([
    ['', '\n['],
    ['?alt=sse', ': keep-alive\r\n\r\n'],
  ])('R19: sends something while Google is silent%s', async (query, start) => {
    relay.simulator.next('generate', slowBody(1300));
    const { text, clean } = await read(await post(`${FLASH}:streamGenerateContent${query}`, ask('say exactly: late')));
    expect(clean).toBe(true);
    expect(text.startsWith(start)).toBe(true);
    expect(textOf(query === '' ? (JSON.parse(text) as unknown[]) : events(text))).toBe('late');
  });
});

describe('trouble', () => {
  it('R19: is a status before the first chunk, with Google’s details and the time to wait', async () => {
    relay.simulator.always('generate', rateLimited({ retryDelay: '12.5s' }));
    const response = await post(`${FLASH}:streamGenerateContent?alt=sse`, ask('Hello'));
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('13');
    expect(await response.json()).toMatchObject({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE_LIMIT_EXCEEDED' },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12.5s' },
        ],
      },
    });
  });

  it('tells clients not to retry a daily quota', async () => {
    relay.simulator.always('generate', quotaExhausted());
    const response = await post(`${FLASH}:generateContent`, ask('Hello'));
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([429, 'false']);
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  it('with the relay’s own account is never a 401 or 403', async () => {
    relay.simulator.always('generate', () => ({
      status: 403,
      headers: { 'content-type': 'application/json' },
      steps: [
        { kind: 'bytes', bytes: Buffer.from('{"error":{"code":403,"message":"No.","status":"PERMISSION_DENIED"}}') },
      ],
    }));
    const response = await post(`${FLASH}:generateContent`, ask('Hello'));
    expect(response.status).toBe(503);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await response.json()).toMatchObject({ error: { code: 503, status: 'UNAVAILABLE' } });
  });

  it('with the model is Google’s own 404', async () => {
    const response = await post('/v1beta/models/gemini-99-ultra:generateContent', ask('Hello'));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  });

  it.each([
    ['an error event', errorInStream(2, { code: 500, message: 'Oops.' })],
    ['garbage', garbageAfter(2)],
    ['a reset', resetAfter(3)],
    ['an end without a reason', cutAfter(2)],
  ])('R18: in mid-stream, %s, ends in an error and a cut', async (_name, fault) => {
    for (const query of ['', '?alt=sse']) {
      relay.simulator.reset();
      relay.simulator.next('generate', fault);
      const response = await post(`${FLASH}:streamGenerateContent${query}`, ask('stream 30 words'));
      expect(response.status).toBe(200);
      const { text, clean } = await read(response);
      expect(clean).toBe(false);
      const elements = query === '' ? (JSON.parse(text) as unknown[]) : events(text);
      expect(elements.length).toBeGreaterThan(1);
      expect(elements.at(-1)).toMatchObject({
        error: { code: expect.any(Number) as number, status: expect.any(String) as string },
      });
      expect(JSON.stringify(elements)).not.toContain('finishReason');
      // R16: what has begun is not begun again.
      expect(relay.simulator.asked('generate')).toHaveLength(1);
    }
  });

  it('R22: a client who leaves takes the upstream request along', async () => {
    relay.simulator.next('generate', slowChunks(50));
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest(
        `${relay.url}${FLASH}:streamGenerateContent`,
        { method: 'POST', headers: { 'x-goog-api-key': relay.key } },
        (response) => {
          response.once('data', () => {
            request.destroy();
            resolve();
          });
          response.on('error', () => undefined);
        },
      );
      request.on('error', reject);
      request.end(ask('stream 300 words'));
    });
    await relay.simulator.until(() => relay.simulator.asked('generate')[0]?.aborted === true);
  });
});

describe('model lists', () => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(relay.url + path, { headers });

  it('/v1/models has Google’s shape for Google’s callers, and OpenAI’s for all others', async () => {
    const { key } = relay;
    const google = [
      await get('/v1/models', { 'x-goog-api-key': key }),
      await get('/v1/models', { authorization: `Bearer ${key}`, 'x-goog-api-client': 'google-genai-sdk/3.1.0' }),
      await get(`/v1/models?key=${key}`),
    ];
    for (const response of google)
      expect(await response.json()).toHaveProperty('models.0.name', 'models/gemini-2.5-pro');
    const openai = await get('/v1/models', { authorization: `Bearer ${key}` });
    expect(await openai.json()).toHaveProperty('data.0.object', 'model');
    const one = await get('/v1/models/gemini-2.5-flash', { 'x-goog-api-key': key });
    expect(await one.json()).toHaveProperty('name', 'models/gemini-2.5-flash');
    const none = await get('/v1/models/nope', { 'x-goog-api-key': key });
    expect(await none.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  });

  it.each([
    ['/v1/files', 400],
    ['/v1/files/abc', 400],
    ['/v1/batches', 404],
  ])('%s, which Code Assist does not have, is answered in the words of who asks', async (path, status) => {
    const google = await fetch(`${relay.url}${path}`, { headers: { 'x-goog-api-key': relay.key } });
    expect(google.status).toBe(400);
    const told = (await google.json()) as { readonly error: { readonly code: number; readonly message: string } };
    expect(told.error.code).toBe(400);
    expect(told.error.message).toContain('GEMINI_API_KEY');
    const openai = await relay.fetch(path);
    expect(openai.status).toBe(status);
    expect(await openai.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it('has a 405 with allow for the wrong method, and a 404 that names the right address', async () => {
    const headers = { 'x-goog-api-key': relay.key };
    const wrong = await fetch(`${relay.url}${FLASH}:generateContent`, { headers });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    const nowhere = await get('/v1beta/nowhere', headers);
    expect(await nowhere.json()).toMatchObject({
      error: { code: 404, message: expect.stringContaining('/v1beta/models/{model}:generateContent') as string },
    });
  });

  it.each([
    ['POST', `${FLASH}:generateContents`, 'POST /v1beta/models/{model}:generateContent'],
    ['GET', '/v1beta/modles', 'GET /v1beta/models'],
  ])('has a 404 for %s %s that names the nearest address', async (method, path, nearest) => {
    const answer = await fetch(`${relay.url}${path}`, { method, headers: { 'x-goog-api-key': relay.key } });
    const message = expect.stringMatching(` The nearest: ${nearest.replace(/[{}]/g, '.')}\\. The Gemini API`) as string;
    expect(await answer.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND', message } });
  });

  it('has no embeddings where Code Assist answers', async () => {
    const response = await post(
      '/v1beta/models/gemini-embedding-001:embedContent',
      JSON.stringify({ content: { parts: [{ text: 'a' }] } }),
    );
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { status: 'NOT_FOUND' } });
  });
});
