/** Clients of the Responses API that are not OpenAI's own SDK, and that SDK's WebSocket: what they accept is what compatible means. */
import { createOpenAI } from '@ai-sdk/openai';
import { Agent, OpenAIResponsesModel, run, setTracingDisabled, tool } from '@openai/agents';
import { generateText, isStepCount, Output, streamText, tool as aiTool } from 'ai';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { createCheckedResponses, type CheckedResponses } from '../support/checked-responses.ts';

const MODEL = 'gemini-3-pro-preview';
const QUESTION = 'Weather in Oslo and Rome?';

let relay: TestRelay;
let checked: CheckedResponses;
let client: OpenAI;
beforeAll(async () => {
  relay = await startRelay();
  checked = createCheckedResponses();
  client = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0, fetch: checked.fetch });
  setTracingDisabled(true);
});
afterAll(async () => {
  expect(await checked.count()).toBeGreaterThan(1);
  await relay.close();
});

/** What Google was told last of the calls before. */
const lastAsked = (): string => JSON.stringify(relay.simulator.asked('generate').at(-1)?.body);

describe('the Agents SDK', () => {
  const cities: string[] = [];
  const weather = tool({
    name: 'weather',
    description: 'The weather somewhere.',
    parameters: z.object({ city: z.string() }),
    execute: ({ city }) => {
      cities.push(city);
      return 'sunny';
    },
  });
  const agent = () =>
    new Agent({
      name: 'Helper',
      instructions: 'Be brief.',
      model: new OpenAIResponsesModel(client, MODEL),
      tools: [weather],
    });

  it('runs a loop of tools, whole and streamed, with signatures', async () => {
    const whole = await run(agent(), QUESTION);
    expect(String(whole.finalOutput)).toContain('sunny');
    expect(lastAsked()).toContain('thoughtSignature');
    const streamed = await run(agent(), QUESTION, { stream: true });
    for await (const event of streamed) expect(event.type).toMatch(/_event$/);
    await streamed.completed;
    expect(String(streamed.finalOutput)).toContain('sunny');
    expect(lastAsked()).not.toContain('skip_thought_signature_validator');
    expect(cities.length).toBeGreaterThanOrEqual(4);
  });

  it('gets an answer in the form that it asks for', async () => {
    const person = new Agent({
      name: 'Reader',
      model: new OpenAIResponsesModel(client, MODEL),
      outputType: z.object({ name: z.string(), age: z.number() }),
    });
    const { finalOutput } = await run(person, 'Ann is 3.');
    expect(finalOutput).toEqual({ name: expect.any(String) as string, age: expect.any(Number) as number });
  });
});

describe('the AI SDK', () => {
  const model = () =>
    createOpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, fetch: checked.fetch }).responses(MODEL);
  const tools = {
    weather: aiTool({
      description: 'The weather somewhere.',
      inputSchema: z.object({ city: z.string() }),
      execute: () => 'sunny',
    }),
  };

  it('runs a loop of tools by references to what is kept', async () => {
    const { text, steps } = await generateText({ model: model(), prompt: QUESTION, tools, stopWhen: isStepCount(3) });
    expect(text).toContain('sunny');
    expect(steps).toHaveLength(2);
    expect(lastAsked()).toContain('thoughtSignature');
  });

  it('and streamed, with nothing kept', async () => {
    const answer = streamText({
      model: model(),
      prompt: QUESTION,
      tools,
      stopWhen: isStepCount(3),
      providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } },
    });
    let text = '';
    for await (const piece of answer.textStream) text += piece;
    expect(text).toContain('sunny');
    expect((await answer.usage).outputTokens).toBeGreaterThan(0);
  });

  it('gets objects, and errors that it understands', async () => {
    const schema = z.object({ name: z.string() });
    const { output } = await generateText({ model: model(), output: Output.object({ schema }), prompt: 'Ann' });
    expect(output).toEqual({ name: expect.any(String) as string });
    const unknown = createOpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key }).responses('nothing-like-it');
    await expect(generateText({ model: unknown, prompt: 'Hi', maxRetries: 0 })).rejects.toMatchObject({
      statusCode: 404,
    });
  });
});

describe("the openai SDK's WebSocket", () => {
  it('creates responses, one after the other, and hears of errors', async () => {
    const socket = new ResponsesWS(client);
    const done = Promise.withResolvers<readonly string[]>();
    const texts: string[] = [];
    const ask = (input: string, previous?: string): void => {
      socket.send({
        type: 'response.create',
        model: MODEL,
        input,
        store: false,
        ...(previous !== undefined && { previous_response_id: previous }),
      });
    };
    socket.on('response.completed', ({ response }) => {
      texts.push(
        response.output
          .flatMap((item) => (item.type === 'message' ? item.content : []))
          .map((part) => ('text' in part ? part.text : ''))
          .join(''),
      );
      if (texts.length === 1) ask('say exactly: Two.', response.id);
      else ask('Three', 'resp_unknown');
    });
    socket.on('error', ({ message }) => {
      texts.push(message);
      done.resolve(texts);
    });
    socket.socket.on('open', () => {
      ask('say exactly: One.');
    });
    expect(await done.promise).toEqual(['One.', 'Two.', expect.stringContaining('resp_unknown') as string]);
    socket.close();
  });
});
