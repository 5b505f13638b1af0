import { HumanMessage, ToolMessage, type AIMessageChunk, type BaseMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { perMinuteQuota } from '../../src/simulator/google-faults.ts';
import { createCheckedFetch, type CheckedFetch } from '../support/checked-fetch.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
let checked: CheckedFetch;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
  checked = createCheckedFetch();
});
afterEach(() => checked.checked());

const chat = (model: string, more: Partial<ChatOpenAIFields> = {}): ChatOpenAI =>
  new ChatOpenAI({
    model,
    apiKey: relay.key,
    maxRetries: 0,
    useResponsesApi: false,
    configuration: { baseURL: `${relay.url}/v1`, fetch: checked.fetch },
    ...more,
  });

const weather = tool(({ city }) => `4 degrees in ${city}`, {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: z.object({ city: z.string() }),
});

const gathered = async (stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> => {
  const pieces: AIMessageChunk[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces.reduce((all, piece) => all.concat(piece));
};

describe.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])('LangChain with %s', (model) => {
  test('invoke', async () => {
    const message = await chat(model).invoke('say exactly: Grüße 😀');
    expect(message.text).toBe('Grüße 😀');
    expect(message).toMatchObject({ usage_metadata: { total_tokens: expect.any(Number) as number } });
    expect(message.response_metadata['finish_reason']).toBe('stop');
  });

  test('stream: pieces, and usage with the last', async () => {
    const pieces = [];
    for await (const piece of await chat(model).stream('stream 20 words')) pieces.push(piece);
    expect(
      pieces
        .map((piece) => piece.text)
        .join('')
        .split(' '),
    ).toHaveLength(20);
    expect(pieces).toContainEqual(
      expect.objectContaining({
        usage_metadata: expect.objectContaining({ output_tokens: expect.any(Number) as number }) as unknown,
      }),
    );
    expect(await checked.checked()).toBe(1);
  });

  test.each([true, false])('bindTools through a whole round, stream %s', async (streaming) => {
    const bound = chat(model).bindTools([weather]);
    const messages: BaseMessage[] = [new HumanMessage('Weather in Oslo and Rome?')];
    const first = streaming ? await gathered(await bound.stream(messages)) : await bound.invoke(messages);
    const calls = first.tool_calls ?? [];
    expect(calls.map(({ name, args }) => [name, args])).toEqual([
      ['get_weather', { city: 'Oslo' }],
      ['get_weather', { city: 'Rome' }],
    ]);
    messages.push(first);
    for (const { id, args } of calls) {
      messages.push(
        new ToolMessage({ tool_call_id: id ?? '', content: await weather.invoke(args as { city: string }) }),
      );
    }
    const second = await bound.invoke(messages);
    expect(second.text).toContain('4 degrees in Oslo');
    expect(second.text).toContain('4 degrees in Rome');
  });

  test.each(['jsonSchema', 'functionCalling', 'jsonMode'] as const)('withStructuredOutput by %s', async (method) => {
    const schema = z.object({ answer: z.string() });
    const structured = chat(model).withStructuredOutput(schema, { name: 'answer', method });
    expect(await structured.invoke('Describe Oslo as JSON')).toEqual({ answer: 'Describe Oslo as JSON' });
  });
});

test('a rate limit is an error with its status', async () => {
  relay.simulator.always('generate', perMinuteQuota({ retryDelay: '20s' }));
  await expect(chat('gemini-2.5-flash').invoke('x')).rejects.toMatchObject({ status: 429 });
});
