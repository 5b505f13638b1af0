import { afterEach, describe, expect, it } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import { writeJson } from '../../../src/json.ts';
import { serve, type Script, type Served } from './serve.ts';

let served: Served | undefined;
afterEach(() => served?.close());

const start = async (script: Script = {}): Promise<Served> => (served = await serve(script));

const BODY = '{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}';
const post = (path: string, body = BODY): Promise<Response> =>
  fetch(`${served?.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
const get = (path: string): Promise<Response> => fetch(`${served?.url}${path}`);

const ANSWER = '{"candidates":[{"content":{"parts":[{"text":"Hi","thoughtSignature":"c2ln"}]},"index":0}],"new":1.0}';

describe('generateContent', () => {
  it.each([
    '/v1beta/models/gemini-2.5-flash:generateContent',
    '/v1/models/gemini-2.5-flash:generateContent',
    '/v1/models/gemini-2.5-flash%3AgenerateContent',
    '/v1/models/gemini-2.5-flash/generateContent',
    '/v1beta/models/models%2Fgemini-2.5-flash:generateContent',
    '/v1beta/models/google/gemini-2.5-flash:generateContent',
    '/v1alpha/models/gemini-2.5-flash:generateContent',
    '/v1beta1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent',
    '/models/gemini-2.5-flash:generateContent',
  ])('answers at %s', async (path) => {
    const { calls } = await start({ answer: [ANSWER] });
    const response = await post(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.text()).toBe(ANSWER);
    expect(calls).toMatchObject([
      { model: 'gemini-2.5-flash', stream: false, native: true, origin: { requestId: 'req_test', format: 'gemini' } },
    ]);
  });

  it.each([
    ['{"promptFeedback":{"blockReason":"SAFETY"}}', '{"candidates":[],"promptFeedback":{"blockReason":"SAFETY"}}'],
    ['{}', '{"candidates":[]}'],
    ['{ }', '{"candidates":[] }'],
    ['{"x":{"candidates":[]}}', '{"candidates":[],"x":{"candidates":[]}}'],
  ])('adds the list of candidates to an answer without: %s', async (answer, expected) => {
    await start({ answer: [answer] });
    expect(await (await post('/v1beta/models/gemini-2.5-flash:generateContent')).text()).toBe(expected);
  });

  it('H117: passes arguments on as they are spelled, and fields that it does not know', async () => {
    const { calls } = await start();
    const args = '{"big":9007199254740993,"float":1.0,"snake_key":1e3,"10":1,"2":2}';
    const body = `{"serviceTier":"flex","contents":[{"role":"model","parts":[{"function_call":{"name":"f","args":${args}}}]}]}`;
    await post('/v1beta/models/gemini-2.5-flash:generateContent', body);
    const request = calls[0]?.request ?? {};
    expect(writeJson(request)).toBe(body.replace('function_call', 'functionCall'));
  });

  it('passes the variants of a name on', async () => {
    const { calls } = await start();
    await post('/v1beta/models/gemini-2.5-flash-search-nothinking:generateContent');
    expect(calls[0]?.model).toBe('gemini-2.5-flash-nothinking-search');
  });

  it('gives the first unsigned call of a Gemini 3 turn the sentinel, and no other', async () => {
    const { calls } = await start();
    const turn = { role: 'model', parts: [{ functionCall: { name: 'f' } }, { functionCall: { name: 'g' } }] };
    const body = JSON.stringify({ contents: [turn] });
    await post('/v1beta/models/gemini-3-flash-preview:generateContent', body);
    await post('/v1beta/models/gemini-2.5-flash:generateContent', body);
    expect(calls[0]?.request.contents).toEqual([
      {
        ...turn,
        parts: [{ ...turn.parts[0], thoughtSignature: 'skip_thought_signature_validator' }, turn.parts[1]],
      },
    ]);
    expect(calls[1]?.request.contents).toEqual([turn]);
  });

  it('answers one event to alt=sse', async () => {
    await start({ answer: [ANSWER] });
    const response = await post('/v1beta/models/gemini-2.5-flash:generateContent?alt=sse');
    expect(await response.text()).toBe(`data: ${ANSWER}\r\n\r\n`);
  });

  it('never takes no answer for an answer', async () => {
    await start({ answer: [] });
    expect((await post('/v1beta/models/gemini-2.5-flash:generateContent')).status).toBe(502);
  });
});

describe('streamGenerateContent', () => {
  const pieces = ['{"a":1.0}', '{"b":2}'];
  const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent';

  it('H115: is a JSON array without alt, and server-sent events with alt=sse', async () => {
    const { calls } = await start({ answer: pieces });
    for (const query of ['', '?alt=json', '?$alt=json;enum-encoding=int']) {
      const array = await post(path + query);
      expect(array.headers.get('content-type')).toContain('application/json');
      expect(await array.text()).toBe('[{"a":1.0},\r\n{"b":2}]');
    }
    const events = await post(`${path}?alt=sse&key=x`);
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    expect(await events.text()).toBe('data: {"a":1.0}\r\n\r\ndata: {"b":2}\r\n\r\n');
    expect(calls.every((call) => call.stream)).toBe(true);
  });

  it('refuses another alt', async () => {
    const { calls } = await start();
    const response = await post(`${path}?alt=proto`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
    expect(calls).toEqual([]);
  });

  it('R19: an error before the first chunk is a status', async () => {
    const error = new RelayError('RESOURCE_EXHAUSTED', 'Enough.', { retryAfterMs: 2000 });
    await start({ answer: [error] });
    const response = await post(`${path}?alt=sse`);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
  });

  it.each(['', '?alt=sse'])('R18: a stream that breaks says so and is cut%s', async (query) => {
    const error = new RelayError('UNAVAILABLE', 'Broken.', { status: 502, reason: 'upstream_closed' });
    await start({ answer: [...pieces, error] });
    const response = await post(path + query);
    expect(response.status).toBe(200);
    let text = '';
    const read = async (): Promise<void> => {
      for await (const piece of response.body ?? []) text += Buffer.from(piece as Uint8Array).toString();
    };
    await expect(read()).rejects.toThrow();
    expect(text).toContain('"error":{"code":502,"message":"Broken.","status":"UNAVAILABLE"');
    expect(text).not.toContain('DONE');
    if (query === '') expect(JSON.parse(text)).toHaveLength(3);
    else expect(text.endsWith('\r\n\r\n')).toBe(true);
  });
});

describe('countTokens', () => {
  it('answers the count and reads both forms', async () => {
    const { calls } = await start({ count: { totalTokens: 7, promptTokensDetails: [] } });
    const path = '/v1beta/models/gemini-2.5-flash:countTokens';
    const plain = await post(path);
    const wrapped = await post(path, `{"generateContentRequest":${BODY}}`);
    expect(await plain.json()).toEqual({ totalTokens: 7, promptTokensDetails: [] });
    expect(wrapped.headers.get('x-relay-estimate')).toBeNull();
    expect(calls[1]?.request).toEqual(calls[0]?.request);
  });

  it('says by header when the count is an estimate', async () => {
    await start({ count: { totalTokens: 7, estimated: true } });
    const response = await post('/v1beta/models/gemini-2.5-flash:countTokens');
    expect(response.headers.get('x-relay-estimate')).toBe('true');
    expect(await response.json()).toEqual({ totalTokens: 7 });
  });
});

describe('embeddings', () => {
  it('answers one', async () => {
    const { embeds } = await start();
    const body = '{"model":"models/x","content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"}';
    const response = await post('/v1beta/models/gemini-embedding-001:embedContent', body);
    expect(await response.json()).toEqual({ embedding: { values: [0, 0.5] } });
    expect(embeds).toMatchObject([
      { model: 'gemini-embedding-001', requests: [{ content: { parts: [{ text: 'a' }] }, taskType: 'CLUSTERING' }] },
    ]);
  });

  it('answers many', async () => {
    await start();
    const body = '{"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]}';
    const response = await post('/v1/models/gemini-embedding-001:batchEmbedContents', body);
    expect(await response.json()).toEqual({ embeddings: [{ values: [0, 0.5] }, { values: [1, 0.5] }] });
  });

  it('answers more than Google takes in a call', async () => {
    const { embeds } = await start();
    const requests = Array.from({ length: 250 }, () => ({ content: { parts: [{ text: 'a' }] } }));
    const response = await post('/v1/models/gemini-embedding-001:batchEmbedContents', JSON.stringify({ requests }));
    const { embeddings } = (await response.json()) as { embeddings: unknown[] };
    expect(embeddings).toHaveLength(250);
    expect(embeds.map((call) => call.requests.length)).toEqual([100, 100, 50]);
  });

  it('answers no more than the list of another form may hold', async () => {
    const { embeds } = await start();
    const requests = Array.from({ length: 2049 }, () => ({ content: 'a' }));
    const response = await post('/v1/models/gemini-embedding-001:batchEmbedContents', JSON.stringify({ requests }));
    expect(response.status).toBe(400);
    expect(embeds).toEqual([]);
  });
});

describe('predict', () => {
  it('is embeddings, in its own form', async () => {
    const { embeds } = await start();
    const body = '{"instances":[{"content":"a"},{"content":"b"}],"parameters":{"outputDimensionality":2}}';
    const response = await post('/v1beta1/publishers/google/models/gemini-embedding-001:predict', body);
    expect(await response.json()).toEqual({
      predictions: [{ embeddings: { values: [0, 0.5] } }, { embeddings: { values: [1, 0.5] } }],
    });
    expect(embeds[0]?.requests[1]).toEqual({ content: { parts: [{ text: 'b' }] }, outputDimensionality: 2 });
  });
});

describe('model lists', () => {
  it.each(['/v1beta/models', '/v1/models', '/models', '/v1beta1/publishers/google/models'])(
    'stand at %s',
    async (path) => {
      await start();
      const response = await get(`${path}?pageSize=2`);
      expect(await response.json()).toMatchObject({
        models: [{ name: 'models/gemini-2.5-pro' }, { name: 'models/gemini-2.5-flash' }],
        nextPageToken: expect.any(String) as string,
      });
    },
  );

  it.each(['/v1beta/models/gemini-2.5-flash', '/v1/models/gemini-2.5-flash', '/v1beta/models/models/gemini-2.5-flash'])(
    'have one model at %s',
    async (path) => {
      await start();
      expect(await (await get(path)).json()).toMatchObject({ name: 'models/gemini-2.5-flash' });
    },
  );

  it('show what the upstream has', async () => {
    await start({ models: [{ name: 'models/gemini-9' }] });
    const { models } = (await (await get('/v1beta/models')).json()) as { models: { name: string }[] };
    expect(models.map(({ name }) => name)).toEqual(['models/gemini-9', 'models/gemini-9-search']);
  });

  it('show the catalogue while Google has a passing trouble, and tell a lasting one', async () => {
    const passing = new RelayError('UNAVAILABLE', 'Later.', { status: 502 });
    await start({ models: passing });
    expect(await (await get('/v1beta/models')).json()).toHaveProperty('models.0.name', 'models/gemini-2.5-pro');
    await served?.close();
    await start({ models: new RelayError('UNAVAILABLE', 'Log in.', { reason: 'login_required', retryable: false }) });
    expect((await get('/v1beta/models')).status).toBe(503);
  });

  it('refuse in Google’s words also at the address that is OpenAI’s', async () => {
    await start();
    const response = await get('/v1/models/nope');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
  });

  it.each(['/v1beta/models/nope', '/v1beta/models?pageToken=x', '/v1beta/models?pageSize=x'])(
    'refuse %s',
    async (path) => {
      await start();
      const response = await get(path);
      expect([400, 404]).toContain(response.status);
      expect(await response.json()).toMatchObject({ error: { code: response.status } });
    },
  );
});

describe('R28: what is not served', () => {
  it.each([
    ['POST', '/v1beta/models/gemini-2.5-flash:batchGenerateContent', 400, 'INVALID_ARGUMENT'],
    ['POST', '/v1beta/models/imagen-4:predict', 501, 'UNIMPLEMENTED'],
    ['GET', '/v1beta/files', 400, 'INVALID_ARGUMENT'],
    ['POST', '/upload/v1beta/files', 400, 'INVALID_ARGUMENT'],
    ['POST', '/v1beta/files:register', 501, 'UNIMPLEMENTED'],
    ['POST', '/v1beta/cachedContents', 400, 'INVALID_ARGUMENT'],
    ['DELETE', '/v1beta/cachedContents', 405, 'NOT_FOUND'],
    ['POST', '/v1/interactions', 400, 'INVALID_ARGUMENT'],
    ['GET', '/v1beta/nonsense', 404, 'NOT_FOUND'],
    ['GET', '/v1beta/%zz', 404, 'NOT_FOUND'],
    ['POST', '/v1beta/models/gemini-2.5-flash:nonsense', 404, 'NOT_FOUND'],
    ['POST', '/v1beta/models/nope:generateContent', 404, 'NOT_FOUND'],
    ['GET', '/v1beta/models/gemini-2.5-flash:generateContent', 405, 'NOT_FOUND'],
    ['POST', '/v1beta/models', 405, 'NOT_FOUND'],
    ['POST', '/v1beta/models/gemini-2.5-flash', 405, 'NOT_FOUND'],
    ['DELETE', '/v1beta/models/gemini-2.5-flash', 405, 'NOT_FOUND'],
  ])('%s %s is %i', async (method, path, code, status) => {
    const { url, calls } = await start();
    const response = await fetch(url + path, { method, ...(method === 'POST' && { body: BODY }) });
    expect(response.status).toBe(code);
    expect(await response.json()).toMatchObject({ error: { code, status } });
    expect(response.headers.has('allow')).toBe(code === 405);
    if (code === 501) expect(response.headers.get('x-should-retry')).toBe('false');
    expect(calls).toEqual([]);
  });

  it.each(['', 'nonsense', '[]', '{"contents":[]}', '{"contents":[{"parts":[null]}]}'])(
    'a bad body is a 400: %s',
    async (body) => {
      await start();
      const response = await post('/v1beta/models/gemini-2.5-flash:generateContent', body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
    },
  );

  it.each(['a..b', 'a b', 'x'.repeat(201), 'a%0Ab', 'a?b'])(
    'S11: no request goes out for the model %s',
    async (model) => {
      const { calls } = await start();
      const response = await post(`/v1beta/models/${model.replace('?', '%3F')}:generateContent`);
      expect(response.status).toBe(400);
      expect(calls).toEqual([]);
    },
  );
});
