import { afterEach, describe, expect, it } from 'vitest';
import { failed } from '../../../../src/errors.ts';
import { candidate } from '../../../support/gemini-chunk.ts';
import { checkResponse, checkResponsesStream } from '../../../support/responses-stream-checker.ts';
import { serve, type Script, type Served } from '../serve.ts';

const MODEL = 'gemini-2.5-flash';
const open: Served[] = [];
const start = async (script?: Script): Promise<Served> => {
  const served = await serve(script);
  open.push(served);
  return served;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

describe('POST /v1/responses', () => {
  it.each(['/v1/responses', '/responses', '/v1beta/openai/responses', '/v1/v1/responses'])(
    'answers at %s',
    async (path) => {
      const { post } = await start();
      const response = await post(path, { model: MODEL, input: 'hi' });
      expect(response.status).toBe(200);
      const { output, model } = checkResponse(await response.json());
      expect(model).toBe(MODEL);
      expect(output).toMatchObject([{ type: 'message', content: [{ text: 'Hi' }] }]);
    },
  );

  it('streams, numbered from its first event to its last, which holds the whole (H121)', async () => {
    const { post } = await start();
    const response = await post('/v1/responses', { model: MODEL, input: 'hi', stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const { events, response: told } = checkResponsesStream(await response.text());
    expect(events[0]).toMatchObject({ type: 'response.created', sequence_number: 0 });
    expect(told.output).toMatchObject([{ content: [{ text: 'Hi' }] }]);
    const keys = ['input_tokens', 'input_tokens_details', 'output_tokens', 'output_tokens_details', 'total_tokens'];
    expect(Object.keys(told['usage'] ?? {})).toEqual(keys);
  });

  it('says again what was asked', async () => {
    const { post } = await start();
    const asked = {
      model: 'models/gemini-2.5-flash',
      instructions: 'Be brief.',
      tools: [{ type: 'web_search' }],
      tool_choice: 'auto',
      metadata: { a: 'b' },
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 4096,
      parallel_tool_calls: false,
      store: false,
      user: 'u',
      reasoning: { effort: 'low', summary: 'auto' },
      text: { format: { type: 'text' }, verbosity: 'low' },
    };
    const told = checkResponse(await (await post('/v1/responses', { ...asked, input: 'hi' })).json());
    expect(told).toMatchObject(asked);
  });

  it('has a head that tells which model answers and what meant nothing', async () => {
    const { post } = await start();
    const response = await post('/v1/responses', { model: MODEL, input: 'hi', truncation: 'auto' });
    expect(response.headers.get('x-relay-upstream-model')).toBe(MODEL);
    expect(response.headers.get('x-relay-ignored')).toBe('truncation');
  });

  it.each([
    ['context_length_exceeded', failed('context_length_exceeded', 'Too long.'), 400, 'input'],
    ['content_filter', failed('content_filter', 'Refused.'), 400, 'input'],
    ['rate_limit_exceeded', failed('rate_limit_exceeded', 'Slowly.', { retryAfterMs: 3000 }), 429, null],
    ['model_not_found', failed('model_not_found', 'None.'), 404, 'model'],
  ])('tells an error before the first event as an HTTP status: %s', async (code, error, status, param) => {
    for (const stream of [true, false]) {
      const { post } = await start({ answers: [[error]] });
      const response = await post('/v1/responses', { model: MODEL, input: 'hi', stream });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code, param } });
    }
  });

  it('tells a refusal of the prompt about its input', async () => {
    const { post } = await start({ answers: [[{ promptFeedback: { blockReason: 'SAFETY' } }]] });
    for (const stream of [true, false]) {
      const response = await post('/v1/responses', { model: MODEL, input: 'hi', stream });
      expect(await response.json()).toMatchObject({ error: { code: 'content_filter', param: 'input' } });
    }
  });

  it('tells an error behind it as the last event, with the time to come back (H127)', async () => {
    const broken = failed('rate_limit_exceeded', 'Slowly.', { retryAfterMs: 3000 });
    const { post } = await start({ answers: [[candidate([{ text: 'Hal' }]), broken]] });
    const text = await (await post('/v1/responses', { model: MODEL, input: 'hi', stream: true })).text();
    const { last, response } = checkResponsesStream(text);
    expect(last).toBe('response.failed');
    expect(response['error']).toMatchObject({
      code: 'rate_limit_exceeded',
      message: 'Slowly. Please try again in 3s.',
    });
  });

  it.each([{ originator: 'codex_exec' }, { 'user-agent': 'codex_cli_rs/0.171.0 (Debian 12)' }])(
    'calls a cut answer completed before Codex, and incomplete before others (H125): %j',
    async (headers) => {
      const { post } = await start({ answers: [[candidate([{ text: 'Hal' }], { finishReason: 'MAX_TOKENS' })]] });
      const body = { model: MODEL, input: 'hi', stream: true };
      const toCodex = checkResponsesStream(await (await post('/v1/responses', body, headers)).text());
      expect([toCodex.last, toCodex.response.status]).toEqual(['response.completed', 'incomplete']);
      const toOthers = checkResponsesStream(await (await post('/v1/responses', body)).text());
      expect([toOthers.last, toOthers.response.status]).toEqual(['response.incomplete', 'incomplete']);
    },
  );

  it.each(['[]', '{"model":"gemini-2.5-flash"}', '{"input":"hi"}', '{'])('refuses %s', async (body) => {
    const { post } = await start();
    expect((await post('/v1/responses', body)).status).toBe(400);
  });
});
