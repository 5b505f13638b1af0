import { afterEach, describe, expect, test } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import { checkChatStream } from '../../support/chat-stream-checker.ts';
import { candidate } from '../../support/gemini-chunk.ts';
import { HI, KEY, serve, type Script, type Served } from './serve.ts';

const open: Served[] = [];
const start = async (script?: Script): Promise<Served> => {
  const served = await serve(script);
  open.push(served);
  return served;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

const ASK = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };

interface Body {
  readonly error?: { readonly message: string; readonly type: string; readonly param: unknown; readonly code: unknown };
  readonly [field: string]: unknown;
}
const bodyOf = async (response: Response): Promise<Body> => (await response.json()) as Body;

describe('chat completions', () => {
  test('H9: a whole answer; the name is echoed as written, the real id is in a header', async () => {
    const { post, calls } = await start();
    const response = await post('/v1/chat/completions', {
      ...ASK,
      model: 'models/gemini-2.5-flash',
      logit_bias: { 1: 2 },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-relay-upstream-model')).toBe('gemini-2.5-flash');
    expect(response.headers.get('x-relay-ignored')).toBe('logit_bias');
    expect(await bodyOf(response)).toMatchObject({
      object: 'chat.completion',
      model: 'models/gemini-2.5-flash',
      choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    });
    expect(calls).toMatchObject([{ model: 'gemini-2.5-flash', stream: false, origin: { format: 'openai' } }]);
  });

  test('a streamed answer', async () => {
    const { post, calls } = await start({ answers: [[candidate([{ text: 'H' }]), HI]] });
    const response = await post('/v1/chat/completions', {
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const { choices } = checkChatStream(await response.text(), { includeUsage: true });
    expect(choices[0]).toMatchObject({ content: 'HHi', finishReason: 'stop' });
    expect(calls).toMatchObject([{ stream: true }]);
  });

  test.each([
    '/v1/chat/completions',
    '/chat/completions',
    '/v1/v1/chat/completions',
    '/v1beta/openai/chat/completions',
    '/v1/chat/completions/',
  ])('F26: served at %s', async (path) => {
    const { post } = await start();
    expect((await post(path, ASK)).status).toBe(200);
  });

  test.each([
    ['H13', { model: 'gemini-2.5-flash' }, 'missing_required_parameter', 'messages'],
    ['H15', '{"model":', null, null],
    ['H37', { ...ASK, reasoning_effort: 'ultra' }, 'invalid_value', 'reasoning_effort'],
    ['H157', { ...ASK, model: 'gemini-2.5-pro-nothinking-maxthinking' }, 'model_not_found', 'model'],
  ])('%s: a wrong request is told what is wrong, and goes nowhere', async (_name, body, code, param) => {
    const { post, calls } = await start();
    const response = await post('/v1/chat/completions', body);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ type: 'invalid_request_error', code, param });
    expect(Object.keys(error ?? {})).toEqual(['message', 'type', 'param', 'code']);
    expect(response.status).toBe(code === 'model_not_found' ? 404 : 400);
    expect(calls).toEqual([]);
  });

  test.each([false, true])('H47, R19: an error before the first byte keeps its status, stream %s', async (stream) => {
    const limit = new RelayError('RESOURCE_EXHAUSTED', 'Quota exceeded.', { retryAfterMs: 12_500 });
    const { post } = await start({ answers: [[limit]] });
    const response = await post('/v1/chat/completions', { ...ASK, stream });
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('13');
    expect(response.headers.get('retry-after-ms')).toBe('12500');
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ code: 'rate_limit_exceeded' });
    expect(error?.message).toContain('try again in 12.5s');
  });

  test.each([false, true])('a refused prompt is a 400, stream %s', async (stream) => {
    const { post } = await start({ answers: [[{ promptFeedback: { blockReason: 'SAFETY' } }]] });
    const response = await post('/v1/chat/completions', { ...ASK, stream });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect((await bodyOf(response)).error).toMatchObject({ code: 'content_filter', param: 'messages' });
  });

  test('R18: what breaks after the first byte ends with an error event and nothing else', async () => {
    const reset = new RelayError('UNAVAILABLE', 'Google closed the connection.', {
      status: 502,
      reason: 'upstream_closed',
    });
    const { post } = await start({ answers: [[candidate([{ text: 'half' }]), reset]] });
    const response = await post('/v1/chat/completions', { ...ASK, stream: true });
    expect(response.status).toBe(200);
    const { error, choices } = checkChatStream(await response.text(), { fails: true });
    expect(error).toMatchObject({ code: 'upstream_closed', message: 'Google closed the connection.' });
    expect(choices[0]?.content).toBe('half');
  });

  test('R18: half an answer is no answer where it was to be whole', async () => {
    const { post } = await start({ answers: [[candidate([{ text: 'half' }])]] });
    const response = await post('/v1/chat/completions', ASK);
    expect(response.status).toBe(502);
    expect((await bodyOf(response)).error).toMatchObject({ code: 'upstream_incomplete' });
  });

  test('signatures survive a client that keeps only id, name and arguments', async () => {
    const signed = { functionCall: { name: 'wx', args: { c: 'Oslo', n: 1 } }, thoughtSignature: 'QUJD' };
    const { post, calls } = await start({ answers: [[candidate([signed], { finishReason: 'STOP' })], [HI]] });
    const ask = { ...ASK, model: 'gemini-3-flash-preview', tools: [{ type: 'function', function: { name: 'wx' } }] };
    const first = (await bodyOf(await post('/v1/chat/completions', ask))) as unknown as {
      choices: { message: { tool_calls: { id: string; function: { name: string } }[] } }[];
    };
    const [call] = first.choices[0]?.message.tool_calls ?? [];
    const history = [
      ...ASK.messages,
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: call?.id, type: 'function', function: { name: 'wx', arguments: '{ "n": 1, "c": "Oslo" }' } },
        ],
      },
      { role: 'tool', tool_call_id: call?.id, content: '4C' },
    ];
    await post('/v1/chat/completions', { ...ask, messages: history });
    expect(calls[1]?.request.contents?.[1]?.parts?.[0]).toMatchObject({ thoughtSignature: 'QUJD' });
  });
});

describe('images by address', () => {
  const part = (url: string) => ({ type: 'image_url', image_url: { url } });
  const ask = (...urls: string[]) => ({ ...ASK, messages: [{ role: 'user', content: urls.map(part) }] });

  test('are fetched once each and sent inline', async () => {
    const fetched: string[] = [];
    const { post, calls } = await start({
      images: {
        fetch: (url) => {
          fetched.push(url);
          return Promise.resolve({ mimeType: 'image/png', data: 'AAAA' });
        },
      },
    });
    const url = 'https://images.example/a.png';
    expect((await post('/v1/chat/completions', ask(url, url))).status).toBe(200);
    expect(fetched).toEqual([url]);
    expect(calls[0]?.request.contents?.[0]?.parts).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
    ]);
  });

  test('H147: one that cannot be had names its part, and ends the other downloads', async () => {
    const aborted: string[] = [];
    const { post, calls } = await start({
      images: {
        fetch: (url, signal) =>
          url.endsWith('bad')
            ? Promise.reject(new RelayError('INVALID_ARGUMENT', 'No such image.', { reason: 'invalid_image_url' }))
            : new Promise((_resolve, reject) => {
                signal.addEventListener('abort', () => {
                  aborted.push(url);
                  reject(new Error('aborted'));
                });
              }),
      },
    });
    const response = await post('/v1/chat/completions', ask('https://a.example/slow', 'https://a.example/bad'));
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({
      code: 'invalid_image_url',
      param: expect.stringContaining('messages[0].content[1]') as string,
    });
    expect(aborted).toEqual(['https://a.example/slow']);
    expect(calls).toEqual([]);
  });
});

describe('methods and addresses', () => {
  test.each([
    ['GET', '/v1/chat/completions', 'POST'],
    ['DELETE', '/v1/models', 'GET'],
    ['POST', '/v1beta/openai/models', 'GET'],
    ['GET', '/v1/embeddings', 'POST'],
  ])('%s %s: 405 that names %s', async (method, path, allow) => {
    const { fetch } = await start();
    const response = await fetch(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain(allow);
    expect((await bodyOf(response)).error).toMatchObject({ type: 'invalid_request_error', param: null });
  });

  test.each([
    ['POST', '/v1/responses'],
    ['POST', '/v1/audio/speech'],
    ['POST', '/v1/moderations'],
    ['GET', '/v1/files'],
    ['DELETE', '/v1/files/file-1'],
    ['POST', '/v1/batches'],
    ['POST', '/v1/fine_tuning/jobs'],
    ['POST', '/v1/threads/t/runs'],
    ['POST', '/v1/messages'],
    ['GET', '/v1/realtime'],
    ['POST', '/v1/images/edits'],
    ['GET', '/v1/chat/completions/chatcmpl-1'],
    ['GET', '/v1/nothing/here'],
  ])('%s %s: 404 that says what there is', async (method, path) => {
    const { fetch } = await start();
    const response = await fetch(path, { method });
    expect(response.status).toBe(404);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'unsupported_endpoint', param: null });
    expect(error?.message).toContain('/v1/chat/completions');
  });

  test("a wrong key is told in this family's envelope", async () => {
    const { fetch } = await start();
    const response = await fetch('/v1/chat/completions', { method: 'POST', headers: { authorization: 'Bearer nope' } });
    expect(response.status).toBe(401);
    expect((await bodyOf(response)).error).toMatchObject({
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    });
  });
});

describe('models', () => {
  const live = () =>
    Promise.resolve([
      { name: 'models/gemini-2.5-flash', supportedGenerationMethods: ['generateContent'] },
      {
        name: 'models/gemini-9-new',
        displayName: 'Gemini 9',
        inputTokenLimit: 10,
        outputTokenLimit: 5,
        supportedGenerationMethods: ['generateContent'],
      },
      { name: 'models/veo-4', supportedGenerationMethods: ['predictLongRunning'] },
    ]);

  test.each(['/v1/models', '/models', '/v1/v1/models', '/v1beta/openai/models'])('the list at %s', async (path) => {
    const { fetch } = await start();
    const body = await bodyOf(await fetch(path));
    expect(body['object']).toBe('list');
    const data = body['data'] as Record<string, unknown>[];
    expect(data.length).toBeGreaterThan(5);
    for (const row of data) {
      expect(row).toMatchObject({ object: 'model', owned_by: 'google' });
      expect(Number.isInteger(row['created'])).toBe(true);
      expect(row['context_length']).toBeGreaterThan(0);
      expect(row['max_output_tokens']).toBeGreaterThan(0);
    }
    const ids = data.map((row) => row['id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['gemini-2.5-pro', 'gemini-2.5-flash-nothinking']));
  });

  test('what Google lists beyond the catalogue is joined', async () => {
    const { fetch } = await start({ models: live });
    const data = (await bodyOf(await fetch('/v1/models')))['data'] as { id: string }[];
    expect(data.filter(({ id }) => id === 'gemini-2.5-flash')).toHaveLength(1);
    expect(data.find(({ id }) => id === 'gemini-9-new')).toMatchObject({
      display_name: 'Gemini 9',
      context_length: 10,
      max_output_tokens: 5,
    });
    expect(data.some(({ id }) => id === 'veo-4')).toBe(false);
    expect((await fetch('/v1/models/gemini-9-new')).status).toBe(200);
  });

  test('a list that cannot be had leaves the catalogue; trouble that the owner must mend is told', async () => {
    const failing = (retryable: boolean) => () =>
      Promise.reject(new RelayError('UNAVAILABLE', 'No.', { reason: 'login_required', retryable }));
    const weak = await start({ models: failing(true) });
    expect((await weak.fetch('/v1/models')).status).toBe(200);
    const lost = await start({ models: failing(false) });
    expect((await lost.fetch('/v1/models')).status).toBe(503);
  });

  test.each([
    'gemini-2.5-pro-maxthinking-search',
    'gemini-2.5-flash-search-nothinking',
    'models/gemini-2.5-flash',
    'models%2Fgemini-2.5-flash',
  ])('H11: one model, %s', async (id) => {
    const { fetch } = await start();
    const response = await fetch(`/v1/models/${id}`);
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toMatchObject({ id: decodeURIComponent(id), object: 'model' });
    expect((await fetch(`/v1beta/openai/models/${id}`)).status).toBe(200);
  });

  test.each(['nope', 'gemini-2.5-flahs', 'a/b:c', '%E0%A4%A'])('H11, T7: no model %s', async (id) => {
    const { fetch } = await start();
    const response = await fetch(`/v1/models/${id}`);
    expect(response.status).toBe(404);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(error?.message).toContain('gemini-2.5-flash');
  });

  test.each<[string, string, Record<string, string>]>([
    ['x-goog-api-key', '/v1/models', { 'x-goog-api-key': KEY }],
    ['x-goog-api-client', '/v1/models', { 'x-goog-api-client': 'google-genai-sdk/3.1.0' }],
    ['?key=', `/v1/models?key=${KEY}`, {}],
    ['x-goog-api-key, one model', '/v1/models/gemini-2.5-flash', { 'x-goog-api-key': KEY }],
  ])("Google's callers get Google's shape: %s", async (_name, path, headers) => {
    const { fetch } = await start();
    const body = await bodyOf(await fetch(path, { headers }));
    const [first = body] = (body['models'] ?? []) as Body[];
    expect(first['name']).toMatch(/^models\//);
  });
});

describe('images', () => {
  const PAINTED = candidate([{ text: 'Here. ' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }], {
    finishReason: 'STOP',
  });

  test('F15: a prompt becomes pictures of an image model, each by a call of its own', async () => {
    const { post, calls } = await start({
      answers: [[PAINTED, { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9 } }]],
    });
    const response = await post('/v1/images/generations', { prompt: 'A cat', n: 2, size: '1792x1024' });
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toEqual({
      created: expect.any(Number) as number,
      data: [{ b64_json: 'AAAA' }, { b64_json: 'AAAA' }],
      usage: { input_tokens: 6, output_tokens: 18, total_tokens: 24 },
    });
    expect(calls).toHaveLength(2);
    expect(calls[0]?.model).toContain('-image');
    expect(calls[0]?.request).toMatchObject({
      contents: [{ parts: [{ text: 'A cat' }] }],
      generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { aspectRatio: '16:9' } },
    });
    const asUrl = await post('/v1/images/generations', { prompt: 'A cat', response_format: 'url' });
    expect((await bodyOf(asUrl))['data']).toEqual([{ url: 'data:image/png;base64,AAAA' }]);
  });

  test('F11: a picture that Google refuses is a 400 with the reason', async () => {
    const { post } = await start({
      answers: [[{ candidates: [{ finishReason: 'IMAGE_SAFETY', finishMessage: 'Unsafe.' }] }]],
    });
    const response = await post('/v1/images/generations', { prompt: 'x' });
    expect(response.status).toBe(400);
    const { error } = await bodyOf(response);
    expect(error).toMatchObject({ code: 'content_filter', param: 'prompt' });
    expect(error?.message).toContain('Unsafe.');
  });

  test('words instead of a picture are no picture', async () => {
    const { post } = await start();
    const response = await post('/v1/images/generations', { prompt: 'x', n: 3 });
    expect(response.status).toBe(502);
    expect((await bodyOf(response)).error).toMatchObject({ code: 'upstream_empty_response' });
  });

  test.each([
    ['no prompt', {}, 'missing_required_parameter', 'prompt'],
    ['an empty prompt', { prompt: '' }, 'invalid_value', 'prompt'],
    ['an odd size', { prompt: 'x', size: 'large' }, 'invalid_value', 'size'],
    ['too many', { prompt: 'x', n: 11 }, 'invalid_value', 'n'],
    ['a stream', { prompt: 'x', stream: true }, 'unsupported_value', 'stream'],
    ['a model without pictures', { prompt: 'x', model: 'gemini-2.5-pro' }, 'invalid_value', 'model'],
  ])('%s: 400', async (_name, body, code, param) => {
    const { post, calls } = await start();
    const response = await post('/v1/images/generations', body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({ code, param });
    expect(calls).toEqual([]);
  });
});

describe('embeddings', () => {
  test('texts in order, as numbers; tokens are counted where Google counts', async () => {
    const { post, embeds } = await start({
      embed: ({ requests }) =>
        Promise.resolve({
          embeddings: requests.map((_, index) => ({ values: [index, 0.5] })),
          usageMetadata: { promptTokenCount: 9 },
        }),
    });
    const response = await post('/v1/embeddings', { model: 'gemini-embedding-001', input: ['a', 'b'], dimensions: 2 });
    expect(await bodyOf(response)).toEqual({
      object: 'list',
      model: 'gemini-embedding-001',
      data: [
        { object: 'embedding', index: 0, embedding: [0, 1] },
        { object: 'embedding', index: 1, embedding: [expect.closeTo(0.8944, 3), expect.closeTo(0.4472, 3)] },
      ],
      usage: { prompt_tokens: 9, total_tokens: 9 },
    });
    expect(embeds).toMatchObject([
      {
        model: 'gemini-embedding-001',
        requests: [
          { content: { parts: [{ text: 'a' }] }, outputDimensionality: 2 },
          { content: { parts: [{ text: 'b' }] }, outputDimensionality: 2 },
        ],
      },
    ]);
  });

  test('one text, as base64 of little-endian floats; without a count, an estimate', async () => {
    const { post } = await start();
    const body = await bodyOf(
      await post('/v1/embeddings', { model: 'gemini-embedding-001', input: 'abcdefgh', encoding_format: 'base64' }),
    );
    const [row] = body['data'] as { embedding: string }[];
    const bytes = Buffer.from(row?.embedding ?? '', 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([0, 0.5]);
    expect(body['usage']).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  });

  test('many texts go in calls of a hundred', async () => {
    const { post, embeds } = await start();
    const input = Array.from({ length: 250 }, (_, index) => `text ${index}`);
    const body = await bodyOf(await post('/v1/embeddings', { model: 'gemini-embedding-001', input }));
    expect(embeds.map(({ requests }) => requests.length)).toEqual([100, 100, 50]);
    expect((body['data'] as { index: number }[]).map(({ index }) => index)).toEqual(input.map((_, index) => index));
  });

  test.each([
    ['token arrays', { input: [1, 2, 3] }, 'unsupported_value', 'input'],
    ['lists of token arrays', { input: [[1, 2], [3]] }, 'unsupported_value', 'input'],
    ['nothing', {}, 'missing_required_parameter', 'input'],
    ['an empty list', { input: [] }, 'empty_array', 'input'],
    ['an empty text', { input: ['a', ''] }, 'invalid_value', 'input[1]'],
    ['another type', { input: [{}] }, 'invalid_type', 'input[0]'],
    ['another format', { input: 'a', encoding_format: 'hex' }, 'invalid_value', 'encoding_format'],
    ['no dimensions', { input: 'a', dimensions: 0 }, 'invalid_value', 'dimensions'],
    ['a model that chats', { input: 'a', model: 'gemini-2.5-flash' }, 'invalid_value', 'model'],
  ])('%s: 400', async (_name, body, code, param) => {
    const { post, embeds } = await start();
    const response = await post('/v1/embeddings', { model: 'gemini-embedding-001', ...body });
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({ code, param });
    expect(embeds).toEqual([]);
  });
});
