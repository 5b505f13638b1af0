import { createAnthropic, type AnthropicLanguageModelOptions } from '@ai-sdk/anthropic';
import { generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resetAfter } from '../../src/simulator/faults.ts';
import { createCheckedMessages, type CheckedMessages } from '../support/checked-messages.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let checked: CheckedMessages;
beforeAll(async () => {
  relay = await startRelay();
  checked = createCheckedMessages();
});
beforeEach(() => {
  relay.simulator.reset();
});
afterAll(async () => {
  expect(await checked.count()).toBeGreaterThan(3);
  await relay.close();
});

const THINKING = { anthropic: { thinking: { type: 'adaptive' } } satisfies AnthropicLanguageModelOptions };
const weather = (asked: string[]) =>
  tool({
    description: 'The weather in a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }) => {
      asked.push(city);
      return { celsius: 21 };
    },
  });

describe.each(['gemini-2.5-flash', 'gemini-3-pro-preview', 'claude-sonnet-5'])('@ai-sdk/anthropic with %s', (id) => {
  const model = () => createAnthropic({ apiKey: relay.key, baseURL: `${relay.url}/v1`, fetch: checked.fetch })(id);

  it('generates and streams text', async () => {
    const whole = await generateText({ model: model(), prompt: 'say exactly: Hello there', maxRetries: 0 });
    expect([whole.text, whole.finishReason]).toEqual(['Hello there', 'stop']);
    expect(whole.usage.totalTokens).toBeGreaterThan(0);
    const streamed = streamText({ model: model(), prompt: 'stream 12 words' });
    const pieces: string[] = [];
    for await (const piece of streamed.textStream) pieces.push(piece);
    expect(pieces.join('').trim().split(/\s+/)).toHaveLength(12);
    expect(await streamed.finishReason).toBe('stop');
  });

  it('gets structured answers', async () => {
    const { output } = await generateText({
      model: model(),
      prompt: 'A city, please',
      output: Output.object({ schema: z.object({ name: z.string(), inhabitants: z.number().int() }) }),
    });
    expect(output).toEqual({ name: expect.any(String) as string, inhabitants: expect.any(Number) as number });
  });

  it('goes through rounds of tools, thinking between them, and loses no signature', async () => {
    const asked: string[] = [];
    const { text, steps } = await generateText({
      model: model(),
      prompt: 'How is the weather in Paris and Rome?',
      tools: { weather: weather(asked) },
      stopWhen: stepCountIs(3),
      providerOptions: THINKING,
    });
    expect([asked.length, steps.length]).toEqual([2, 2]);
    expect(text).toContain('21');
    expect(JSON.stringify(relay.simulator.asked('generate').at(-1)?.body)).not.toContain('skip_thought_signature');
  });

  it('streams thoughts, and a broken stream as an error', async () => {
    const thoughtful = streamText({ model: model(), prompt: 'think hard: why?', providerOptions: THINKING });
    expect((await thoughtful.finalStep).reasoningText).toMatch(/./);
    relay.simulator.next('generate', resetAfter(3));
    const errors: unknown[] = [];
    const broken = streamText({
      model: model(),
      prompt: 'stream 50 words',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    await broken.consumeStream();
    expect(errors).toHaveLength(1);
  });
});
