import { afterEach, describe, expect, test } from 'vitest';
import { RelayError } from '../../../../src/errors.ts';
import { SENTINEL } from '../../../../src/gemini/signatures.ts';
import { checkChatStream } from '../../../support/chat-stream-checker.ts';
import { candidate } from '../../../support/gemini-chunk.ts';
import { HI, serve, type Script, type Served } from '../serve.ts';

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

  test.each([
    ['the same account', 'gemini-api', 'QUJD'],
    ['another way to Google, which would refuse it', 'vertex x', undefined],
  ])('signatures survive a client that keeps only id, name and arguments: %s', async (_, later, expected) => {
    let account = 'gemini-api';
    const signed = { functionCall: { name: 'wx', args: { c: 'Oslo', n: 1 } }, thoughtSignature: 'QUJD' };
    const { post, calls } = await start({
      answers: [[candidate([signed], { finishReason: 'STOP' })], [HI]],
      account: () => account,
    });
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
    account = later;
    await post('/v1/chat/completions', { ...ask, messages: history });
    expect(calls[1]?.request.contents?.[1]?.parts?.[0]?.thoughtSignature).toBe(expected ?? SENTINEL);
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
          return Promise.resolve({ mimeType: 'image/png', bytes: Buffer.from('AAAA', 'base64') });
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

  test.each([
    ['an unknown tool choice', { tool_choice: 'sometimes' }, 400],
    ['an unknown model', { model: 'nope' }, 404],
  ])('are not fetched for a request that has %s', async (_, wrong, status) => {
    const fetched: string[] = [];
    const fetch = (url: string) => {
      fetched.push(url);
      return Promise.reject(new Error('must not be asked'));
    };
    const { post } = await start({ images: { fetch } });
    const response = await post('/v1/chat/completions', { ...ask('https://images.example/a.png'), ...wrong });
    expect(response.status).toBe(status);
    expect(fetched).toEqual([]);
  });

  test('H147: one that cannot be had names its part, and ends the other downloads', async () => {
    const aborted: string[] = [];
    const { post, calls } = await start({
      images: {
        fetch: (url, { signal }) =>
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
