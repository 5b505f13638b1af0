import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorInStream } from '../../src/simulator/faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
});

describe.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])('@ai-sdk/google with %s', (id) => {
  const model = () => createGoogleGenerativeAI({ apiKey: relay.key, baseURL: `${relay.url}/v1beta` })(id);

  it('generateText', async () => {
    const { text, finishReason, usage } = await generateText({ model: model(), prompt: 'say exactly: Hello there' });
    expect(text).toBe('Hello there');
    expect(finishReason).toBe('stop');
    expect(usage.totalTokens).toBeGreaterThan(0);
  });

  it('a picture that a tool gives back beside words', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const words = { type: 'text' as const, text: 'Here it is.' };
    const picture = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: png } };
    const look = tool({
      inputSchema: z.object({}),
      execute: () => ({}),
      toModelOutput: () => ({ type: 'content', value: [words, picture] }),
    });
    await generateText({
      model: model(),
      prompt: 'Take a look',
      tools: { look },
      stopWhen: stepCountIs(2),
      maxRetries: 0,
    });
    const sent = relay.simulator.asked('generate').at(-1)?.text;
    expect(sent).toContain('Here it is.');
    expect(sent).toContain(png);
  });

  it('streamText', async () => {
    const result = streamText({ model: model(), prompt: 'stream 12 words' });
    const pieces: string[] = [];
    for await (const piece of result.textStream) pieces.push(piece);
    expect(pieces.join('').trim().split(/\s+/)).toHaveLength(12);
    expect(await result.finishReason).toBe('stop');
  });

  it('structured output', async () => {
    const { output } = await generateText({
      model: model(),
      prompt: 'A city, please',
      output: Output.object({ schema: z.object({ name: z.string(), inhabitants: z.number().int() }) }),
    });
    expect(output).toEqual({ name: expect.any(String) as string, inhabitants: expect.any(Number) as number });
  });

  it('a loop of tools', async () => {
    const asked: string[] = [];
    const { text, steps } = await generateText({
      model: model(),
      prompt: 'How is the weather in Paris and Rome?',
      tools: {
        get_weather: tool({
          description: 'The weather in a city.',
          inputSchema: z.object({ city: z.string() }),
          execute: ({ city }) => {
            asked.push(city);
            return { celsius: 21 };
          },
        }),
      },
      stopWhen: stepCountIs(3),
    });
    expect(asked).toEqual(['Paris', 'Rome']);
    expect(steps).toHaveLength(2);
    expect(text).not.toBe('');
  });

  it('a blocked prompt is no parse error', async () => {
    const { text, finishReason } = await generateText({ model: model(), prompt: 'be blocked' });
    expect(text).toBe('');
    expect(finishReason).not.toBe('stop');
  });

  it('errors have their status', async () => {
    const failed = generateText({ model: model(), prompt: 'fail with 400', maxRetries: 0 });
    await expect(failed).rejects.toMatchObject({ name: 'AI_APICallError', statusCode: 400 });
  });

  it('R18: an error in mid-stream never looks like an end', async () => {
    relay.simulator.next('generate', errorInStream(2, { code: 503, message: 'The model is overloaded.' }));
    const errors: unknown[] = [];
    const result = streamText({
      model: model(),
      prompt: 'stream 9 words',
      maxRetries: 0,
      onError: ({ error }) => {
        errors.push(error);
      },
    });
    await result.consumeStream();
    expect(errors.length).toBeGreaterThan(0);
  });
});
