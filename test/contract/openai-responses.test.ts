import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay, type TestRelay } from '../support/relay.ts';
import { createCheckedResponses, type CheckedResponses } from '../support/checked-responses.ts';

const MODEL = 'gemini-3-pro-preview';
const WEATHER: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'weather',
  description: 'The weather somewhere.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
};

let relay: TestRelay;
let client: OpenAI;
let checked: CheckedResponses;
beforeAll(async () => {
  relay = await startRelay();
  checked = createCheckedResponses();
  client = new OpenAI({ baseURL: `${relay.url}/v1`, apiKey: relay.key, maxRetries: 0, fetch: checked.fetch });
});
afterAll(async () => {
  expect(await checked.count()).toBeGreaterThan(3);
  await relay.close();
});

describe('the openai SDK', () => {
  it('creates, whole and streamed alike', async () => {
    const whole = await client.responses.create({ model: MODEL, input: 'say exactly: Hello, you.' });
    expect([whole.status, whole.output_text]).toEqual(['completed', 'Hello, you.']);
    const stream = client.responses.stream({ model: MODEL, input: 'say exactly: Hello, you.' });
    let text = '';
    stream.on('response.output_text.delta', ({ delta }) => (text += delta));
    const final = await stream.finalResponse();
    expect([final.output_text, text]).toEqual(['Hello, you.', 'Hello, you.']);
    expect(final.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('parses structured answers', async () => {
    const format = zodTextFormat(z.object({ name: z.string(), age: z.number() }), 'person');
    const parsed = await client.responses.parse({ model: MODEL, input: 'Ann is 3.', text: { format } });
    expect(parsed.output_parsed).toEqual({ name: expect.any(String) as string, age: expect.any(Number) as number });
  });

  it('searches, and goes on from what was found, by its id and by its items', async () => {
    const asked = {
      model: MODEL,
      input: 'Who won?',
      tools: [{ type: 'web_search' as const }],
      include: ['web_search_call.action.sources' as const],
    };
    const { data: found, response } = await client.responses.create(asked).withResponse();
    expect(response.headers.get('x-relay-ignored')).toBeNull();
    const searches = found.output.filter((item) => item.type === 'web_search_call');
    expect(searches).toMatchObject([{ status: 'completed', action: { type: 'search', queries: ['Who won?'] } }]);
    expect(searches).toHaveProperty('0.action.sources.0.type', 'url');
    const next = await client.responses.create({
      model: MODEL,
      previous_response_id: found.id,
      input: 'say exactly: A.',
    });
    expect(next.output_text).toBe('A.');
    const items = [...found.output, { role: 'user', content: 'say exactly: B.' }] as OpenAI.Responses.ResponseInput;
    const sent = await client.responses.create({ model: MODEL, input: items });
    expect(sent.output_text).toBe('B.');
    const streamed = await client.responses.stream(asked).finalResponse();
    expect(streamed.output.map(({ type }) => type)).toEqual(expect.arrayContaining(['message', 'web_search_call']));
  });

  it('chains tool rounds by the id of the answer before, signatures kept here', async () => {
    const first = await client.responses.create({ model: MODEL, input: 'Weather in Oslo and Rome?', tools: [WEATHER] });
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls).toHaveLength(2);
    const second = await client.responses.create({
      model: MODEL,
      previous_response_id: first.id,
      tools: [WEATHER],
      input: calls.map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' })),
    });
    expect(second.output_text).toContain('sunny');
  });

  it('carries signatures itself where nothing is stored, streamed', async () => {
    const body = { model: MODEL, tools: [WEATHER], store: false, include: ['reasoning.encrypted_content' as const] };
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'Weather in Oslo and Rome?' }];
    for (let round = 0; round < 3; round += 1) {
      const { output } = await client.responses
        .stream({ ...body, reasoning: { summary: 'auto' }, input })
        .finalResponse();
      input.push(...(output as OpenAI.Responses.ResponseInputItem[]));
      const calls = output.filter((item) => item.type === 'function_call');
      for (const { call_id } of calls) input.push({ type: 'function_call_output', call_id, output: 'sunny' });
      if (calls.length === 0) input.push({ role: 'user', content: `And in Paris and Bern (${round})?` });
    }
    const sent = JSON.stringify(relay.simulator.asked('generate').at(-1)?.body);
    expect(sent).toContain('thoughtSignature');
    expect(sent).not.toContain('skip_thought_signature_validator');
  });

  it('retrieves, lists the input of, and deletes', async () => {
    const made = await client.responses.create({ model: MODEL, input: 'say exactly: Kept.' });
    expect((await client.responses.retrieve(made.id)).output_text).toBe('Kept.');
    const items = await client.responses.inputItems.list(made.id, { order: 'asc' });
    expect(items.data).toMatchObject([{ type: 'message', role: 'user' }]);
    await client.responses.delete(made.id);
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  });

  it('counts and compacts', async () => {
    const { input_tokens: tokens } = await client.responses.inputTokens.count({
      model: MODEL,
      input: 'How long is it?',
    });
    expect(tokens).toBeGreaterThan(0);
    const compacted = await client.responses.compact({ model: MODEL, input: 'Ann wants tea.' });
    expect(compacted.output).toMatchObject([{ type: 'compaction' }]);
    const next = await client.responses.create({
      model: MODEL,
      input: [...(compacted.output as OpenAI.Responses.ResponseInputItem[]), { role: 'user', content: 'Well?' }],
    });
    expect(next.status).toBe('completed');
  });

  it('hears of limits and of what is wrong', async () => {
    await expect(client.responses.create({ model: MODEL, input: 'x', background: true })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: 'background',
    });
    await expect(client.responses.create({ model: 'gemini-9', input: 'fail with 400' })).rejects.toBeInstanceOf(
      OpenAI.APIError,
    );
  });
});
