import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  cutAfter,
  dripping,
  empty,
  errorInStream,
  failing,
  inArrays,
  resetAfter,
  slowChunks,
  slowHeaders,
  splitInsideCharacters,
  withoutFinishReason,
} from '../../src/simulator/faults.ts';
import { rateLimited, unauthorized } from '../../src/simulator/google-faults.ts';
import { calls, chunk, ends, says, thinks, usage } from '../../src/simulator/scripted.ts';
import {
  checkChatStream,
  type CheckedChoice,
  type CheckedStream,
  type StreamExpectations,
} from '../support/chat-stream-checker.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let codeAssist: TestRelay;
/** Has the models that Code Assist does not serve. */
let geminiApi: TestRelay;
beforeAll(async () => {
  codeAssist = await startRelay();
  geminiApi = await startRelay({ door: 'gemini-api' });
});
afterAll(async () => {
  await Promise.all([codeAssist.close(), geminiApi.close()]);
});
beforeEach(() => {
  relay = codeAssist;
  codeAssist.simulator.reset();
  geminiApi.simulator.reset();
});

type Body = Readonly<Record<string, unknown>>;

const ask = (text: string, more: Body = {}): Body => ({
  model: 'gemini-2.5-flash',
  messages: [{ role: 'user', content: text }],
  ...more,
});

const post = (body: Body, signal?: AbortSignal): Promise<Response> =>
  fetch(`${relay.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });

interface Whole {
  readonly model: string;
  readonly usage: Body;
  readonly choices: readonly {
    readonly finish_reason: string;
    readonly message: Body & { readonly content: unknown };
  }[];
}

const whole = async (body: Body) => {
  const response = await post(body);
  expect(response.status).toBe(200);
  const completion = (await response.json()) as Whole;
  const [choice] = completion.choices;
  if (!choice) throw new Error('no choice');
  return { ...completion, ...choice };
};

const streamed = async (body: Body, expected: StreamExpectations = {}): Promise<CheckedStream & CheckedChoice> => {
  const response = await post({ ...body, stream: true });
  expect(response.status).toBe(200);
  const checked = checkChatStream(await response.text(), expected);
  const [choice] = checked.choices;
  if (!choice) throw new Error('no choice');
  return { ...checked, ...choice };
};

const failedStream = async (body: Body): Promise<CheckedStream> => {
  const response = await post({ ...body, stream: true });
  expect(response.status).toBe(200);
  return checkChatStream(await response.text(), { fails: true });
};

const refused = async (body: Body) => {
  const response = await post(body);
  const { error } = (await response.json()) as {
    error: { message: string; type: string; param: unknown; code: unknown };
  };
  expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
  return { status: response.status, headers: response.headers, ...error };
};

const asked = () => relay.simulator.asked('generate');
/** What Google was asked last; the Gemini API has no envelope around it. */
const lastAsked = () => {
  const body = asked().at(-1)?.body as { model: string; request?: Asked } & Asked;
  return { model: body.model, request: body.request ?? body };
};
type Asked = Body & { generationConfig?: Body };

describe('answers', () => {
  test('H1: one text', async () => {
    const { message, finish_reason } = await whole(ask('say exactly: Hello'));
    expect(message).toMatchObject({ role: 'assistant', content: 'Hello', refusal: null });
    expect(finish_reason).toBe('stop');
    expect(asked().map(({ operation }) => operation)).toEqual(['generateContent']);
  });

  test('H9: the name is echoed with its prefix', async () => {
    expect((await whole(ask('x', { model: 'models/gemini-2.5-flash' }))).model).toBe('models/gemini-2.5-flash');
    expect(lastAsked().model).toBe('gemini-2.5-flash');
  });

  test('H33, H35: what is not to be thought aloud is not told', async () => {
    const { message } = await whole(ask('x', { model: 'gemini-2.5-pro', reasoning_effort: 'none' }));
    expect(message).not.toHaveProperty('reasoning_content');
    expect(lastAsked().request.generationConfig?.['thinkingConfig']).toMatchObject({ thinkingBudget: 128 });
  });

  test('H41: thought and text of one chunk', async () => {
    relay.simulator.answer(chunk([{ text: 'a', thought: true }, { text: 'b' }], { finishReason: 'STOP' }, usage(3, 1)));
    expect((await whole(ask('x'))).message).toMatchObject({ reasoning_content: 'a', content: 'b' });
  });

  test('H43, H45: filtered and cut answers say so', async () => {
    relay.simulator.answer(chunk([{ text: 'half' }], { finishReason: 'SAFETY' }));
    expect(await whole(ask('x'))).toMatchObject({ finish_reason: 'content_filter', message: { content: 'half' } });
    relay.simulator.answer(chunk([{ text: '' }], { finishReason: 'MAX_TOKENS' }));
    expect(await whole(ask('x'))).toMatchObject({ finish_reason: 'length', message: { content: '' } });
  });

  test('H113: a title with few tokens is not eaten by thinking', async () => {
    const { message } = await whole(ask('A title, please', { max_tokens: 16 }));
    expect(message.content).not.toBe('');
    expect(lastAsked().request.generationConfig?.['thinkingConfig']).toMatchObject({ thinkingBudget: 8 });
  });

  test('H143: pictures, in a field or as markdown', async () => {
    relay = geminiApi;
    const paint = ask('Paint', { model: 'gemini-2.5-flash-image' });
    const field = await whole({ ...paint, modalities: ['text', 'image'] });
    expect(field.message).toMatchObject({
      content: 'Here is your picture. ',
      images: [{ type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/png;base64,/) as string } }],
    });
    const plain = await streamed(paint);
    expect(plain.content).toMatch(/^Here is your picture. \n\n!\[image\]\(data:image\/png;base64,[\w+/=]+\)$/);
  });

  test('H85: sources of a search', async () => {
    const { annotations, content } = await streamed(ask('News?', { web_search_options: {} }));
    expect(annotations.length).toBeGreaterThan(0);
    expect(content).toContain('According to the web');
    expect(JSON.stringify(lastAsked().request['tools'])).toBe('[{"googleSearch":{}}]');
  });

  test('H83: JSON in a fence, where 2.5 cannot have tools and a schema', async () => {
    relay.simulator.answer(...says('``', '`json\n{"a"', ': 1}\n``', '`\n'));
    const body = ask('x', {
      tools: [{ type: 'function', function: { name: 'f' } }],
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse((await streamed(body)).content)).toEqual({ a: 1 });
    expect(lastAsked().request.generationConfig).not.toHaveProperty('responseMimeType');
  });

  test('H89: one call at a time', async () => {
    relay.simulator.answer(calls({ name: 'f', args: { x: 1 } }, { name: 'f', args: { x: 2 } }));
    const body = ask('x', { tools: [{ type: 'function', function: { name: 'f' } }], parallel_tool_calls: false });
    expect((await streamed(body)).toolCalls).toMatchObject([{ function: { arguments: '{"x":1}' } }]);
  });
});

describe('odd requests', () => {
  test("H149: Cursor's body of the Responses form is answered with chat chunks", async () => {
    const { content } = await streamed({
      model: 'gemini-2.5-flash',
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'without tools say exactly: ok' }] }],
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }],
    });
    expect(content).toBe('ok');
  });

  test('H153: a seed too large is folded, always the same way', async () => {
    const seeds = [];
    for (let round = 0; round < 2; round += 1) {
      const body = JSON.stringify(ask('x', { seed: 'SEED' })).replace('"SEED"', '9007199254740993');
      expect((await relay.post('/v1/chat/completions', body)).status).toBe(200);
      seeds.push(lastAsked().request.generationConfig?.['seed']);
    }
    expect(seeds[0]).toBe(seeds[1]);
    expect(Number(seeds[0])).toBeLessThan(2 ** 31);
  });

  test.each([
    ['H157', 'gemini-2.5-pro-search-nothinking', 128],
    ['H159', 'gemini-2.5-flash-nothinking', 0],
  ])('%s: %s with high effort does not think', async (_name, model, budget) => {
    const completion = await whole(ask('x', { model, reasoning_effort: 'high' }));
    expect(completion.model).toBe(model);
    expect(completion.message).not.toHaveProperty('reasoning_content');
    expect(lastAsked().request.generationConfig?.['thinkingConfig']).toMatchObject({ thinkingBudget: budget });
  });
});

describe('streams', () => {
  test('T8: a silent model is bridged by comments; what goes wrong then is told in the stream', async () => {
    const impatient = await startRelay({ env: { HEARTBEAT_MS: '1000' } });
    relay = impatient;
    try {
      const { heartbeats, content } = await streamed(ask('wait 2500 ms stream 3 words'));
      expect(heartbeats).toBeGreaterThanOrEqual(1);
      expect(content).toBe('word1 word2 word3');
      impatient.simulator.always('generate', slowHeaders(1500));
      const { error, choices } = await failedStream(ask('be blocked'));
      expect([error?.code, choices.length]).toEqual(['content_filter', 0]);
    } finally {
      await impatient.close();
    }
  });

  test('H27, H105: usage at the end, from the last chunk', async () => {
    relay.simulator.answer(chunk([{ text: 'x' }], { finishReason: 'STOP' }), usage(10, 5));
    const body = ask('x', { stream_options: { include_usage: true } });
    expect((await streamed(body, { includeUsage: true })).usage).toMatchObject({
      prompt_tokens: 10,
      completion_tokens: 5,
    });
  });

  test('H53: two calls of one chunk on Gemini 3, the first one signed', async () => {
    const body = ask('Weather in Oslo and Rome?', {
      model: 'gemini-3-flash-preview',
      tools: [
        {
          type: 'function',
          function: {
            name: 'wx',
            parameters: { type: 'object', properties: { c: { type: 'string' } }, required: ['c'] },
          },
        },
      ],
    });
    const { toolCalls, finishReason } = await streamed(body);
    expect(toolCalls.map((call) => [call.index, call.function?.arguments, 'extra_content' in call])).toEqual([
      [0, '{"c":"Oslo"}', true],
      [1, '{"c":"Rome"}', false],
    ]);
    expect(finishReason).toBe('tool_calls');
  });

  test('H99: the signature of a text answer is told before its end', async () => {
    const { signature, order } = await streamed(ask('say exactly: Hi', { model: 'gemini-3-flash-preview' }));
    expect(signature).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(order.slice(-3)).toEqual(['content', 'signature', 'finish']);
  });

  test.each([
    ['inside characters', splitInsideCharacters()],
    ['byte by byte', dripping(1, 0)],
  ])('H101: text survives a wire split %s', async (_name, fault) => {
    relay.simulator.next('generate', fault);
    expect((await streamed(ask('use café and 😀'))).content).toBe('Un café à Zürich costs 4 € — 😀 naïve, 日本語 too.');
  });

  test('H111: two choices', async () => {
    const body = ask('stream 5 words', { n: 2, stream_options: { include_usage: true } });
    const { choices } = await streamed(body, { n: 2, includeUsage: true });
    expect(choices.map(({ finishReason }) => finishReason)).toEqual(['stop', 'stop']);
    expect(choices[1]?.content).toContain('answer 2');
    expect(lastAsked().request.generationConfig).toMatchObject({ candidateCount: 2 });
  });

  test('H109, R22: a client that leaves takes its call along', async () => {
    relay.simulator.next('generate', slowChunks(30));
    const leave = new AbortController();
    const response = await post(ask('stream 400 words', { stream: true }), leave.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    leave.abort();
    await relay.simulator.until(() => asked().at(-1)?.aborted === true, 1000);
  });

  test('a silent model is awaited: the status is that of its answer', async () => {
    const { content } = await streamed(ask('wait 300 ms stream 3 words'));
    expect(content).toBe('word1 word2 word3');
  });
});

describe('what goes wrong', () => {
  test('H47: a limit with its time', async () => {
    relay.simulator.always('generate', rateLimited({ retryDelay: '12.5s' }));
    for (const stream of [false, true]) {
      const before = asked().length;
      const error = await refused(ask('x', { stream }));
      expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' });
      expect(error.message).toMatch(/try again in \d/);
      expect(error.headers.get('retry-after')).toBe('13');
      expect(error.headers.get('retry-after-ms')).toBe('12500');
      expect(asked().length - before).toBe(1);
    }
  });

  test("H49: trouble with the relay's own account is never a 401", async () => {
    relay.simulator.always('generate', unauthorized());
    const error = await refused(ask('x'));
    expect(error).toMatchObject({ status: 503, code: 'upstream_auth_error', type: 'server_error' });
    expect(error.headers.get('x-should-retry')).toBe('false');
  });

  test("H51: Google's error in an array, its message as it is", async () => {
    relay.simulator.next('generate', failing({ code: 400, message: 'Bad thing.' }), inArrays());
    const error = await refused(ask('x'));
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(error.message).not.toMatch(/[{}]/);
  });

  test.each([true, false])('a blocked prompt is a 400 before any byte, stream %s', async (stream) => {
    const error = await refused(ask('be blocked', { stream }));
    expect(error).toMatchObject({ status: 400, code: 'content_filter', param: 'messages' });
    expect(error.message).toContain('PROHIBITED_CONTENT');
  });

  test.each([
    ['is reset', resetAfter(2)],
    ['ends', cutAfter(2)],
    ['says no reason for its end', withoutFinishReason()],
    ['holds an error', errorInStream(2, { code: 500, message: 'Internal error encountered.' })],
  ])('H107, R18: a stream that %s after its first text has an error event and no end', async (_name, fault) => {
    relay.simulator.next('generate', fault);
    const { error, content } = await streamed(ask('stream 20 words'), { fails: true });
    expect(error?.type).toBe('server_error');
    expect(content).toContain('word1');
    expect(asked()).toHaveLength(1);
  });

  test.each([
    ['an empty body', empty()],
    ['a stream without an event', cutAfter(0)],
  ])('H107: %s before anything is asked for again', async (_name, fault) => {
    relay.simulator.next('generate', fault);
    expect((await streamed(ask('say exactly: ok'))).content).toBe('ok');
    expect(asked()).toHaveLength(2);
  });

  test('R18: a whole answer that breaks off is a 502', async () => {
    relay.simulator.answer(chunk([{ text: 'half' }]));
    relay.simulator.answer(chunk([{ text: 'half' }]));
    relay.simulator.answer(chunk([{ text: 'half' }]));
    const error = await refused(ask('x'));
    expect(error).toMatchObject({ status: 502, type: 'server_error' });
  });

  test.each([true, false])('H141: a call that the model cannot write is tried twice, stream %s', async (stream) => {
    relay.simulator.answer(ends('MALFORMED_FUNCTION_CALL'));
    relay.simulator.answer(ends('MALFORMED_FUNCTION_CALL'));
    const error = await refused(ask('x', { stream }));
    expect(error).toMatchObject({ status: 502, code: 'upstream_malformed_function_call' });
    expect(asked()).toHaveLength(2);
    relay.simulator.clear();
    relay.simulator.answer(ends('MALFORMED_FUNCTION_CALL'));
    expect((await whole(ask('say exactly: ok'))).message.content).toBe('ok');
  });

  test('H155: a penalty that a model refuses is left out', async () => {
    const body = ask('say exactly: ok', { model: 'gemini-3-flash-preview', presence_penalty: 0.5 });
    expect((await whole(body)).message.content).toBe('ok');
    expect(asked().map(({ status }) => status)).toEqual([400, 200]);
    await whole(ask('x', { presence_penalty: 0, frequency_penalty: 0 }));
    expect(lastAsked().request.generationConfig ?? {}).not.toHaveProperty('presencePenalty');
  });

  test('an answer of thoughts alone is an empty answer', async () => {
    relay.simulator.answer(thinks('hm'), ends('STOP'));
    const { reasoning, content, finishReason } = await streamed(ask('x'));
    expect([reasoning, content, finishReason]).toEqual(['hm', '', 'stop']);
  });
});
