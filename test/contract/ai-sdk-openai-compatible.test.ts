import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, isStepCount, Output, streamText, tool } from 'ai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { errorInStream } from '../../src/simulator/faults.ts';
import { perMinuteQuota } from '../../src/simulator/google-faults.ts';
import { calls } from '../../src/simulator/scripted.ts';
import { createCheckedFetch, type CheckedFetch } from '../support/checked-fetch.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let checked: CheckedFetch;
let provider: OpenAICompatibleProvider;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
  checked = createCheckedFetch();
  provider = createOpenAICompatible({
    name: 'relay',
    baseURL: `${relay.url}/v1`,
    apiKey: relay.key,
    fetch: checked.fetch,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
});
afterEach(() => checked.checked());

const MODELS = ['gemini-2.5-flash', 'gemini-3-flash-preview'];

const createTools = (asked: string[]) => ({
  get_weather: tool({
    description: 'The weather in a city',
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => {
      asked.push(city);
      return { city, degrees: 4 };
    },
  }),
  get_time: tool({
    description: 'The time now',
    inputSchema: z.object({}),
    execute: () => {
      asked.push('time');
      return '12:00';
    },
  }),
});

const signaturesAsked = (): unknown[] => {
  const { request } = relay.simulator.asked('generate').at(-1)?.body as {
    request: { contents: { parts: { functionCall?: unknown; thoughtSignature?: string }[] }[] };
  };
  return request.contents.flatMap(({ parts }) =>
    parts.filter((part) => part.functionCall).map((part) => part.thoughtSignature),
  );
};

describe.each(MODELS)('the AI SDK with %s', (model) => {
  test('generateText', async () => {
    const { text, finishReason, usage } = await generateText({
      model: provider(model),
      instructions: 'Be brief.',
      prompt: 'say exactly: Grüße 😀',
    });
    expect([text, finishReason]).toEqual(['Grüße 😀', 'stop']);
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  test('streamText: text, end and usage', async () => {
    const result = streamText({ model: provider(model), prompt: 'stream 20 words' });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    expect(text.split(' ')).toHaveLength(20);
    expect(await result.finishReason).toBe('stop');
    expect((await result.usage).outputTokens).toBeGreaterThan(0);
    expect(await checked.checked()).toBe(1);
  });

  test('H151: reasoning, then a tool, streamed: no schema error, the signature in providerMetadata', async () => {
    const result = streamText({
      model: provider(model),
      prompt: 'Weather in Oslo and Rome?',
      tools: { get_weather: tool({ inputSchema: z.object({ city: z.string() }) }) },
    });
    const errors: unknown[] = [];
    for await (const part of result.stream) if (part.type === 'error') errors.push(part.error);
    expect(errors).toEqual([]);
    expect(await result.finishReason).toBe('tool-calls');
    expect((await result.finalStep).reasoningText).toContain('Reading the question');
    const toolCalls = await result.toolCalls;
    expect(toolCalls.map(({ input }) => input)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }]);
    const signature = toolCalls[0]?.providerMetadata?.['relay']?.['thoughtSignature'];
    if (model.startsWith('gemini-3')) expect(signature).toMatch(/^[A-Za-z0-9+/]+=*$/);
    else expect(signature).toBeUndefined();
  });

  test.each([true, false])('a loop of tools, stream %s', async (streamed) => {
    const asked: string[] = [];
    relay.simulator.answer(
      calls({ name: 'get_weather', args: { city: 'Oslo' } }, { name: 'get_weather', args: { city: 'Rome' } }),
    );
    relay.simulator.answer(calls({ name: 'get_time', args: {} }));
    const settings = {
      model: provider(model),
      prompt: 'Go',
      tools: createTools(asked),
      stopWhen: isStepCount(5),
    };
    const text = streamed ? await streamText(settings).text : (await generateText(settings)).text;
    expect(text).toMatch(/^The functions answered: .*12:00/);
    expect(asked).toEqual(['Oslo', 'Rome', 'time']);
    expect(relay.simulator.asked('generate').map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("signatures come back as Google's own", async () => {
    const asked: string[] = [];
    const settings = { model: provider(model), tools: createTools(asked), stopWhen: isStepCount(5) };
    const { text } = await generateText({ ...settings, prompt: 'Weather in Oslo and Rome?' });
    expect(text).toContain('degrees');
    expect(asked).toEqual(['Oslo', 'Rome']);
    const signatures = signaturesAsked();
    if (model.startsWith('gemini-3')) {
      expect(signatures).toEqual([expect.not.stringContaining('skip'), undefined]);
    } else {
      expect(signatures).toEqual([undefined, undefined]);
    }
  });

  test('objects by a schema, whole and streamed', async () => {
    const schema = z.object({ city: z.string(), tags: z.array(z.string()).min(1), size: z.number().int() });
    const settings = { model: provider(model), prompt: 'Describe Oslo', output: Output.object({ schema }) };
    const { output } = await generateText(settings);
    expect(schema.parse(output).city).toBe('Describe Oslo');
    const streamed = streamText(settings);
    const partial: unknown[] = [];
    for await (const piece of streamed.partialOutputStream) partial.push(piece);
    expect(await streamed.output).toEqual(output);
    expect(partial.length).toBeGreaterThan(1);
  });

  test('an image and a file in the question', async () => {
    const { text } = await generateText({
      model: provider(model),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'say exactly: seen' },
            { type: 'file', mediaType: 'image/png', data: Buffer.from('89504e470d0a1a0a', 'hex') },
          ],
        },
      ],
    });
    expect(text).toBe('seen');
  });
});

describe('errors', () => {
  test('a rate limit has its status, and may be repeated', async () => {
    relay.simulator.always('generate', perMinuteQuota({ retryDelay: '20s' }));
    const running = generateText({ model: provider('gemini-2.5-flash'), prompt: 'x', maxRetries: 0 });
    const error: unknown = await running.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 429, isRetryable: true });
  });

  test('an error in the middle of a stream is an error part, and no finish', async () => {
    relay.simulator.next('generate', errorInStream(2, { code: 503, message: 'The model is overloaded.' }));
    const errors: unknown[] = [];
    const result = streamText({
      model: provider('gemini-2.5-flash'),
      prompt: 'stream 20 words',
      onError: ({ error }) => {
        errors.push(error);
      },
    });
    let text = '';
    for await (const piece of result.textStream) text += piece;
    expect(text).not.toBe('');
    expect(errors).toHaveLength(1);
    expect(await result.finishReason).toBe('error');
  });
});
