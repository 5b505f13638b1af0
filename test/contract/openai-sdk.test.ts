import OpenAI from 'openai';
import { LengthFinishReasonError } from 'openai/error';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cutAfter, errorInStream, slowChunks } from '../../src/simulator/faults.ts';
import { contextTooLong, dailyQuota, perMinuteQuota, serverError } from '../../src/simulator/google-faults.ts';
import { calls, chunk, ends, says, usage } from '../../src/simulator/scripted.ts';
import { createCheckedFetch, type CheckedFetch } from '../support/checked-fetch.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { wavOf } from '../support/wav.ts';

const SOUND = wavOf(1).toString('base64');

let relay: TestRelay;
let checked: CheckedFetch;
let client: OpenAI;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
  checked = createCheckedFetch();
  client = clientOf(relay);
});
afterEach(() => checked.checked());

const clientOf = ({ url, key }: TestRelay, options: { apiKey?: string; maxRetries?: number } = {}): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, fetch: checked.fetch, ...options });

const MODELS = ['gemini-2.5-flash', 'gemini-3-flash-preview'];
const [FLASH = ''] = MODELS;

const user = (content: string) => ({ role: 'user' as const, content });
const ask = (content: string, model = FLASH) => ({ model, messages: [user(content)] });

/** What Google was asked last, unwrapped. */
const lastAsked = (from: TestRelay = relay): Record<string, unknown> => {
  const body = from.simulator.asked('generate').at(-1)?.body as { request?: Record<string, unknown> } | undefined;
  return body?.request ?? {};
};
const partsAsked = (role: string): Record<string, unknown>[] =>
  (lastAsked()['contents'] as { role: string; parts: Record<string, unknown>[] }[])
    .filter((content) => content.role === role)
    .flatMap(({ parts }) => parts);

const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};

describe.each(MODELS)('chat with %s', (model) => {
  test('a whole completion', async () => {
    const { data, response, request_id } = await client.chat.completions
      .create({ ...ask('say exactly: Grüße 😀', model), temperature: 0.2, max_completion_tokens: 4000 })
      .withResponse();
    expect(data.choices[0]).toMatchObject({
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: { role: 'assistant', content: 'Grüße 😀', refusal: null },
    });
    expect(data.object).toBe('chat.completion');
    expect(data.model).toBe(model);
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(request_id).toBe(response.headers.get('x-request-id'));
    expect(request_id).not.toBeNull();
  });

  test('a stream, chunk by chunk', async () => {
    const stream = await client.chat.completions.create({
      ...ask('stream 20 words', model),
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usageChunks = 0;
    let finish: string | null = null;
    for await (const part of stream) {
      text += part.choices[0]?.delta.content ?? '';
      finish = part.choices[0]?.finish_reason ?? finish;
      if (part.usage) usageChunks += 1;
    }
    expect(text.split(' ')).toHaveLength(20);
    expect([finish, usageChunks]).toEqual(['stop', 1]);
    expect(await checked.checked()).toBe(1);
  });

  test('the stream helper puts the same completion together', async () => {
    const deltas: string[] = [];
    const stream = client.chat.completions.stream({
      ...ask('stream 20 words', model),
      stream_options: { include_usage: true },
    });
    stream.on('content', (delta) => deltas.push(delta));
    const completion = await stream.finalChatCompletion();
    expect(deltas.length).toBeGreaterThan(5);
    expect(completion.choices[0]?.message.content).toBe(deltas.join(''));
    expect(await stream.finalContent()).toBe(deltas.join(''));
    expect((await stream.totalUsage()).completion_tokens).toBeGreaterThan(0);
  });

  test.each([true, false])('a tool call, stream %s: whole, with id and arguments that parse', async (streamed) => {
    const body = { ...ask('Weather in Oslo and Rome?', model), tools: [weather] };
    const completion = streamed
      ? await client.chat.completions.stream(body).finalChatCompletion()
      : await client.chat.completions.create(body);
    const [choice] = completion.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.content || null).toBeNull();
    const toolCalls = choice?.message.tool_calls ?? [];
    expect(toolCalls).toMatchObject([
      { type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
      { type: 'function', function: { name: 'get_weather', arguments: '{"city":"Rome"}' } },
    ]);
    const ids = toolCalls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    const signed = toolCalls.map((call) => 'extra_content' in call);
    expect(signed).toEqual(model.startsWith('gemini-3') ? [true, false] : [false, false]);
  });

  test.each([true, false])('runTools over several rounds, stream %s', async (streamed) => {
    const asked: string[] = [];
    const tools = [
      {
        type: 'function' as const,
        function: {
          name: 'get_weather',
          description: 'The weather in a city',
          parameters: weather.function.parameters,
          parse: JSON.parse as (text: string) => { city: string },
          function: ({ city }: { city: string }) => {
            asked.push(city);
            return { city, degrees: 4 };
          },
        },
      },
      {
        type: 'function' as const,
        function: {
          name: 'get_time',
          description: 'The time now',
          parameters: { type: 'object', properties: {} },
          function: () => {
            asked.push('time');
            return '12:00';
          },
        },
      },
    ];
    relay.simulator.answer(
      calls({ name: 'get_weather', args: { city: 'Oslo' } }, { name: 'get_weather', args: { city: 'Rome' } }),
    );
    relay.simulator.answer(calls({ name: 'get_time', args: {} }));
    const runner = streamed
      ? client.chat.completions.runTools({ ...ask('Go', model), stream: true, tools })
      : client.chat.completions.runTools({ ...ask('Go', model), tools });
    expect(await runner.finalContent()).toMatch(/^The functions answered: .*12:00/);
    expect(asked).toEqual(['Oslo', 'Rome', 'time']);
    expect(relay.simulator.asked('generate').map(({ status }) => status)).toEqual([200, 200, 200]);

    // The same conversation goes on: signatures of both turns are in its history, or stand-ins for them.
    const history = [...runner.messages, user('And in Bergen?')];
    const next = await client.chat.completions.runTools({ model, messages: history, tools }).finalContent();
    expect(next).toContain('degrees');
    expect(asked.at(-1)).toContain('Bergen');
  });

  test('a client that keeps only id, name and arguments gets its signatures restored', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [user('Weather in Oslo and Rome?')];
    const first = await client.chat.completions.create({ model, messages, tools: [weather] });
    for (const call of first.choices[0]?.message.tool_calls ?? []) {
      if (call.type !== 'function') throw new Error('not a function');
      const { id, function: called } = call;
      messages.push({ role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: called }] });
      messages.push({ role: 'tool', tool_call_id: id, content: '21' });
    }
    const second = await client.chat.completions.create({ model, messages, tools: [weather] });
    expect(second.choices[0]?.message.content).toContain('21');
  });

  test('parse with a zod schema', async () => {
    const City = z.object({
      name: z.string(),
      inhabitants: z.number().int(),
      tags: z.array(z.string()),
      mayor: z.string().nullable(),
    });
    const completion = await client.chat.completions.parse({
      ...ask('Describe Oslo', model),
      response_format: zodResponseFormat(City, 'city'),
    });
    const parsed = completion.choices[0]?.message.parsed;
    expect(typeof parsed?.name).toBe('string');
    expect(Number.isInteger(parsed?.inhabitants)).toBe(true);
    const generationConfig = lastAsked()['generationConfig'] as Record<string, unknown>;
    expect(generationConfig['responseMimeType']).toBe('application/json');
  });

  test('parse with zod tools and a zod answer together', async () => {
    const Answer = z.object({ sum: z.number() });
    relay.simulator.answer(...says('```json\n{"su', 'm": 5}\n```'));
    const body = {
      ...ask('2 + 3?', model),
      tools: [zodFunction({ name: 'add', parameters: z.object({ a: z.number(), b: z.number() }) })],
      response_format: zodResponseFormat(Answer, 'answer'),
    };
    if (model.startsWith('gemini-2.5')) {
      const completion = await client.chat.completions.parse(body);
      expect(completion.choices[0]?.message.parsed).toEqual({ sum: 5 });
    } else {
      relay.simulator.clear();
    }
    const called = await client.chat.completions.parse(body);
    const [call] = called.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { parsed_arguments: { a: expect.any(Number) as number } } });
  });

  test('the stream helper parses as well', async () => {
    const City = z.object({ name: z.string() });
    const stream = client.chat.completions.stream({
      ...ask('Describe Oslo', model),
      response_format: zodResponseFormat(City, 'city'),
    });
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual({ name: 'Describe Oslo' });
  });

  test('an image, a sound and a file travel inline', async () => {
    await client.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
            { type: 'input_audio', input_audio: { data: SOUND, format: 'wav' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
          ],
        },
      ],
    });
    expect(partsAsked('user')).toEqual([
      { text: 'What is this?' },
      { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
      { inlineData: { mimeType: 'audio/wav', data: SOUND } },
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
    ]);
  });

  test('reasoning is told apart from the answer', async () => {
    const completion = await client.chat.completions.create({
      ...ask('say exactly: 42', model),
      reasoning_effort: 'high',
    });
    const message = completion.choices[0]?.message as { content: string; reasoning_content?: string };
    expect(message.content).toBe('42');
    expect(message.reasoning_content).toContain('Reading the question');
    expect(completion.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });
});

describe('more of chat', () => {
  test('two choices, streamed', async () => {
    const completion = await client.chat.completions
      .stream({ ...ask('say exactly: one'), n: 2, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(completion.choices.map(({ message }) => message.content)).toEqual(['one', 'one (answer 2)']);
  });

  test('functions of old', async () => {
    const completion = await client.chat.completions
      .stream({ ...ask('Weather in Oslo and Rome?'), functions: [weather.function] })
      .finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'function_call',
      message: { function_call: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
    });
  });

  test('logprobs', async () => {
    const completion = await client.chat.completions
      .stream({ ...ask('say exactly: one two'), logprobs: true, top_logprobs: 2 })
      .finalChatCompletion();
    const tokens = completion.choices[0]?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join('')).toBe('one two');
    expect(tokens[0]?.top_logprobs).toHaveLength(2);
  });

  test('a cut answer throws in parse, by design of the SDK', async () => {
    relay.simulator.answer(chunk([{ text: '{"a":' }], { finishReason: 'MAX_TOKENS' }));
    const parsing = client.chat.completions.parse({
      ...ask('x'),
      response_format: zodResponseFormat(z.object({ a: z.number() }), 'a'),
    });
    await expect(parsing).rejects.toThrow(LengthFinishReasonError);
    relay.simulator.answer(ends('SAFETY'));
    const filtered = await client.chat.completions.create(ask('x'));
    expect(filtered.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: null, refusal: 'Response blocked (SAFETY)' },
    });
  });

  test('citations of a search', async () => {
    const completion = await client.chat.completions.create({ ...ask('News?'), web_search_options: {} });
    const { content, annotations } = completion.choices[0]?.message ?? {};
    expect(annotations?.length).toBeGreaterThan(0);
    for (const { url_citation: citation } of annotations ?? []) {
      expect(citation.url).toMatch(/^https:/);
      expect(citation.title).not.toBe('');
      expect(citation.end_index).toBeLessThanOrEqual(content?.length ?? 0);
    }
  });

  test('leaving a stream ends the call to Google', async () => {
    relay.simulator.next('generate', slowChunks(50));
    const stream = await client.chat.completions.create({ ...ask('stream 400 words'), stream: true });
    for await (const part of stream) if (part.choices[0]?.delta.content) break;
    await relay.simulator.until(() => relay.simulator.asked('generate').at(-1)?.aborted === true, 1000);
  });
});

describe('errors', () => {
  const failure = async (running: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> => {
    const error = await running.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof OpenAI.APIError) return error;
    throw new Error(`not an API error: ${String(error)}`);
  };

  test('400: what the client sent is wrong', async () => {
    const error = await failure(client.chat.completions.create({ ...ask('x'), temperature: 7 }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      code: 'invalid_value',
      param: 'temperature',
      type: 'invalid_request_error',
    });
  });

  test('400: a prompt that Google blocks, and one that is too long', async () => {
    const blocked = await failure(client.chat.completions.create({ ...ask('be blocked'), stream: true }));
    expect(blocked).toMatchObject({ status: 400, code: 'content_filter', param: 'messages' });
    relay.simulator.next('generate', contextTooLong());
    const long = await failure(client.chat.completions.create(ask('x')));
    expect(long).toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'messages' });
  });

  test('401: the key is wrong', async () => {
    const error = await failure(clientOf(relay, { apiKey: 'sk-wrong' }).chat.completions.create(ask('x')));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
  });

  test.each(['no-such-model', 'gemini-9.9-nothing'])('404: no model %s', async (model) => {
    const error = await failure(client.chat.completions.create(ask('x', model)));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  test.each([true, false])('429, stream %s: with the time to wait', async (stream) => {
    relay.simulator.always('generate', perMinuteQuota({ retryDelay: '12.5s' }));
    const error = await failure(client.chat.completions.create({ ...ask('x'), stream }));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(error.headers?.get('retry-after')).toBe('13');
    expect(error.headers?.get('retry-after-ms')).toBe('12500');
    expect(error.message).toMatch(/try again in 1[23]/);
  });

  test('429 that no waiting helps: the SDK does not repeat it', async () => {
    relay.simulator.always('generate', dailyQuota());
    const error = await failure(clientOf(relay, { maxRetries: 2 }).chat.completions.create(ask('x')));
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' });
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  test('a short limit is waited for: the SDK gets its answer', async () => {
    relay.simulator.next('generate', perMinuteQuota({ retryDelay: '0.05s' }));
    const completion = await clientOf(relay, { maxRetries: 2 }).chat.completions.create(ask('say exactly: ok'));
    expect(completion.choices[0]?.message.content).toBe('ok');
  });

  test.each([500, 503] as const)('%s: the server is at fault', async (status) => {
    relay.simulator.always('generate', serverError(status));
    const error = await failure(client.chat.completions.create(ask('x')));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status, type: 'server_error' });
  });

  test('R18: an error in the middle of a stream is thrown, behind the text so far', async () => {
    relay.simulator.next('generate', errorInStream(2, { code: 503, message: 'The model is overloaded.' }));
    const stream = await client.chat.completions.create({ ...ask('stream 20 words'), stream: true });
    let text = '';
    const reading = (async () => {
      for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
    })();
    const error = await failure(reading);
    expect(error.type).toBe('server_error');
    expect(text).not.toBe('');
  });

  test('R18: a stream that ends too early is no success', async () => {
    relay.simulator.next('generate', cutAfter(2));
    const error = await failure(client.chat.completions.stream(ask('stream 20 words')).finalChatCompletion());
    expect(error).toMatchObject({ code: 'upstream_incomplete' });
  });
});

describe('other routes', () => {
  test('models, all and one', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining(['gemini-2.5-flash', 'gemini-2.5-flash-search']));
    expect(await client.models.retrieve('gemini-2.5-pro-maxthinking-search')).toMatchObject({ object: 'model' });
    await expect(client.models.retrieve('nope')).rejects.toThrow(OpenAI.NotFoundError);
  });

  test('plain completions', async () => {
    const completion = await client.completions.create({ model: FLASH, prompt: 'say exactly: so' });
    expect(completion.choices[0]).toMatchObject({ text: 'so', finish_reason: 'stop' });
  });

  test('embeddings: over Code Assist an answer that names the way out', async () => {
    const embedding = client.embeddings.create({ model: 'gemini-embedding-001', input: 'a' });
    await expect(embedding).rejects.toThrow(/UPSTREAM=gemini-api/);
    await expect(embedding).rejects.toThrow(OpenAI.NotFoundError);
  });

  test('embeddings over the Gemini API, as the SDK asks for them by default and as numbers', async () => {
    const keyed = await startRelay({ door: 'gemini-api' });
    try {
      const { embeddings } = clientOf(keyed);
      const packed = await embeddings.create({ model: 'gemini-embedding-001', input: ['a', 'b'] });
      const plain = await embeddings.create({ model: 'gemini-embedding-001', input: 'a', encoding_format: 'float' });
      expect(packed.data).toHaveLength(2);
      expect(packed.data[0]?.embedding).toHaveLength(3072);
      expect(packed.data[0]?.embedding[0]).toBeCloseTo(plain.data[0]?.embedding[0] ?? 0, 6);
      const small = await embeddings.create({ model: 'gemini-embedding-001', input: 'a', dimensions: 8 });
      expect(Math.hypot(...(small.data[0]?.embedding ?? []))).toBeCloseTo(1, 5);
    } finally {
      await keyed.close();
    }
  });

  test('what is not there is a 404 that the SDK does not repeat', async () => {
    const error = clientOf(relay, { maxRetries: 2 }).moderations.create({ input: 'x' });
    await expect(error).rejects.toMatchObject({ status: 404, code: 'unsupported_endpoint' });
  });

  test('usage of a scripted answer', async () => {
    relay.simulator.answer(
      chunk([{ text: 'x' }], { finishReason: 'STOP' }, usage(100, 20, { thoughtsTokenCount: 30 })),
    );
    const completion = await client.chat.completions.create(ask('x'));
    expect(completion.usage).toMatchObject({ prompt_tokens: 100, completion_tokens: 50 });
  });
});
