import { afterEach, describe, expect, it } from 'vitest';
import { failed } from '../../../../src/errors.ts';
import { candidate } from '../../../support/gemini-chunk.ts';
import { checkMessage, checkMessagesStream } from '../../../support/messages-stream-checker.ts';
import { serve, type Script, type Served } from '../../openai/serve.ts';
import { quietNow } from '../../../support/machine.ts';

const MODEL = 'gemini-2.5-flash';
const ask = (more: object = {}) => ({
  model: MODEL,
  max_tokens: 4096,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});
const open: Served[] = [];
const start = async (script?: Script): Promise<Served> => {
  const served = await serve(script);
  open.push(served);
  return served;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

const PATHS = ['/v1/messages', '/anthropic/v1/messages', '/v1/v1/messages', '/messages', '/v1/messages?beta=true'];

describe('POST /v1/messages', () => {
  it.each(PATHS)('answers at %s', async (path) => {
    const { post } = await start();
    const response = await post(path, ask(), { 'anthropic-beta': 'claude-code-20250219,never-heard-of-2027-01-01' });
    expect(response.status).toBe(200);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    const { content, model, stop_reason: reason } = checkMessage(await response.json());
    expect({ content, model, reason }).toEqual({
      content: [{ type: 'text', text: 'Hi' }],
      model: MODEL,
      reason: 'end_turn',
    });
  });

  it('streams', async () => {
    const { post } = await start();
    const response = await post('/v1/messages', ask({ stream: true }));
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(checkMessagesStream(await response.text()).message.content).toEqual([{ type: 'text', text: 'Hi' }]);
  });

  it('quotes what it said by a page that it read, also where nobody searches', async () => {
    const grounded = candidate([{ text: 'It is 42. So there.' }], {
      finishReason: 'STOP',
      groundingMetadata: {
        groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
        groundingSupports: [{ segment: { startIndex: 0, endIndex: 9 }, groundingChunkIndices: [0] }],
      },
    });
    const { post } = await start({ answers: [[grounded]] });
    const tools = [{ type: 'web_fetch_20250910', name: 'web_fetch' }];
    const { content } = checkMessage(await (await post('/v1/messages', ask({ tools }))).json());
    expect(content).toMatchObject([{ citations: [{ cited_text: 'It is 42.', url: 'https://a.example' }] }]);
  });

  it('gives each answer an id of its own', async () => {
    const { post } = await start();
    const ids = new Set<string>();
    for (let turn = 0; turn < 3; turn += 1) {
      ids.add(checkMessage(await (await post('/v1/messages', ask())).json()).id);
      ids.add(checkMessagesStream(await (await post('/v1/messages', ask({ stream: true }))).text()).message.id);
    }
    expect(ids.size).toBe(6);
  });

  it('has a head that tells which model answers and what meant nothing', async () => {
    const { post } = await start();
    const response = await post('/v1/messages', ask({ service_tier: 'auto' }));
    expect(response.headers.get('x-relay-upstream-model')).toBe(MODEL);
    expect(response.headers.get('x-relay-ignored')).toBe('service_tier');
  });

  it('names the session of Claude Code for the choice of doors', async () => {
    const { post, calls } = await start();
    const metadata = { user_id: '{"session_id":"s1"}' };
    await post('/v1/messages', ask({ metadata }));
    await post('/v1/messages', ask({ metadata }), { 'x-claude-code-session-id': 's2' });
    await post('/v1/messages', ask());
    expect(calls.map(({ origin }) => origin.session)).toEqual(['{"session_id":"s1"}', 's2', undefined]);
    expect(JSON.stringify(calls.map(({ request }) => request))).not.toContain('s1');
  });

  it.each([
    [failed('rate_limit_exceeded', 'Slowly.', { retryAfterMs: 3000 }), 429, 'rate_limit_error'],
    [failed('model_not_found', 'None.'), 404, 'not_found_error'],
    [failed('overloaded', 'No room.'), 529, 'overloaded_error'],
    [failed('upstream_timeout', 'Too slow.'), 504, 'timeout_error'],
  ])('tells an error before the first event as an HTTP status: %s', async (error, status, type) => {
    for (const stream of [true, false]) {
      const { post } = await start({ answers: [[error]] });
      const response = await post('/v1/messages', ask({ stream }));
      expect(response.status).toBe(status);
      expect(response.headers.get('request-id')).toMatch(/^req_/);
      if (status === 429) expect(response.headers.get('retry-after')).toBe('3');
      expect(await response.json()).toMatchObject({
        type: 'error',
        error: { type },
        request_id: expect.any(String) as unknown,
      });
    }
  });

  it('tells an overflow of the context in the words that Claude Code reads', async () => {
    const message = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).';
    const { post } = await start({ answers: [[failed('context_length_exceeded', message)]] });
    const response = await post('/v1/messages', ask());
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: 'prompt is too long: 1200000 tokens > 1048576 maximum' },
    });
  });

  it('fetches the pictures and PDFs that are only linked to, wherever they stand', async () => {
    const asked: unknown[] = [];
    const images: Script['images'] = {
      fetch: (url, _signal, kind) => {
        asked.push([url, kind]);
        return Promise.resolve({
          mimeType: kind === 'document' ? 'application/pdf' : 'image/png',
          bytes: Buffer.from('ABC'),
        });
      },
    };
    const { post, calls } = await start({ images });
    const linked = (type: string, name: string) => ({
      type,
      source: { type: 'url', url: `https://a.example/${name}` },
    });
    const messages = [
      { role: 'user', content: [linked('image', 'a.png'), linked('document', 'b.pdf')] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [linked('image', 'c.png')] }] },
      {
        role: 'assistant',
        content: [{ type: 'mcp_tool_result', tool_use_id: 'm1', content: [linked('image', 'd.png')] }],
      },
      { role: 'user', content: 'Go on.' },
    ];
    expect((await post('/v1/messages', ask({ messages }))).status).toBe(200);
    expect(asked).toEqual([
      ['https://a.example/a.png', 'image'],
      ['https://a.example/b.pdf', 'document'],
      ['https://a.example/c.png', 'image'],
      ['https://a.example/d.png', 'image'],
    ]);
    expect(JSON.stringify(calls[0]?.request).match(/application\/pdf|image\/png/g)).toHaveLength(4);
  });

  it('ends a stream that breaks with an error, and never as if it were whole', async () => {
    const { post } = await start({ answers: [[candidate([{ text: 'Hel' }]), failed('overloaded', 'Gone.')]] });
    const { error, message } = checkMessagesStream(await (await post('/v1/messages', ask({ stream: true }))).text());
    expect(error).toEqual({ type: 'overloaded_error', message: 'Gone.' });
    expect(message.stop_reason).toBeNull();
  });

  it('has no half answers', async () => {
    const { post } = await start({ answers: [[candidate([{ text: 'Hel' }])]] });
    const response = await post('/v1/messages', ask());
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'api_error' } });
  });

  it('tells a wrong key, a body that is none and a wrong method in its own words', async () => {
    const { post, fetch } = await start();
    const wrong = await post('/v1/messages', ask(), { authorization: 'Bearer wrong-wrong-wrong-wrong-wrong' });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    const headers = { 'content-type': 'application/json' };
    const broken = await fetch('/v1/messages', { method: 'POST', headers, body: '{' });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    const other = await fetch('/v1/messages');
    expect(other.status).toBe(405);
    expect(await other.json()).toMatchObject({ type: 'error' });
  });

  it.each(['/v1/messages/batches', '/v1/messages/batches/b1/results', '/anthropic/v1/complete', '/v1/complete'])(
    'has no %s, and says so',
    async (path) => {
      const { post } = await start();
      const response = await post(path, {});
      expect(response.status).toBe(404);
      const { error } = (await response.json()) as { error: { type: string; message: string } };
      expect(error.type).toBe('not_found_error');
      expect(error.message).toContain('POST /v1/messages');
    },
  );
});

describe('POST /v1/messages/count_tokens', () => {
  it.each(['/v1/messages/count_tokens', '/anthropic/v1/messages/count_tokens?beta=true'])(
    'counts at %s',
    async (path) => {
      const { post } = await start();
      const response = await post(path, { model: MODEL, messages: [{ role: 'user', content: 'hi' }] });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ input_tokens: 7 });
      expect(response.headers.get('x-relay-estimate')).toBeNull();
    },
  );

  const big = {
    model: MODEL,
    messages: [{ role: 'user', content: 'word '.repeat(800) }],
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
  };

  it.each([
    ['refuses', () => Promise.reject(failed('rate_limit_exceeded', 'Slowly.'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
  ])('is an estimate where Google %s (H135)', async (_name, countTokens) => {
    const { post } = await start({ countTokens });
    const begun = quietNow();
    const response = await post('/v1/messages/count_tokens', big);
    expect(quietNow() - begun).toBeLessThan(4000);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-relay-estimate')).toBe('true');
    const { input_tokens: tokens } = (await response.json()) as { input_tokens: number };
    expect(tokens).toBeGreaterThan(900);
    expect(tokens).toBeLessThan(1500);
  });

  it('fetches no picture for it', async () => {
    let fetched = 0;
    const images = { fetch: () => ((fetched += 1), Promise.reject(new Error('fetched'))) };
    const { post } = await start({ images });
    const source = { type: 'url', url: 'https://a.example/cat.png' };
    const messages = [{ role: 'user', content: [{ type: 'image', source }] }];
    expect((await post('/v1/messages/count_tokens', { model: MODEL, messages })).status).toBe(200);
    expect(fetched).toBe(0);
  });
});
