import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { DoorName, TestRelay } from '../support/relay.ts';

const DOORS: readonly DoorName[] = ['code-assist', 'gemini-api', 'vertex'];

const TIME: OpenAI.Chat.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_time',
    parameters: { type: 'object', properties: { zone: { type: 'string' } }, required: ['zone'] },
  },
};

/** A request looks the same to the client whichever way leads to Google. */
describe.each(DOORS)('openai with %s behind', (door) => {
  let relay: TestRelay;
  let client: OpenAI;
  beforeAll(async () => {
    relay = await startRelay({ door });
    client = new OpenAI({ apiKey: relay.key, baseURL: `${relay.url}/v1`, maxRetries: 0 });
  });
  afterAll(() => relay.close());

  it.each(['gemini-2.5-flash', 'gemini-2.5-pro-maxthinking', 'gemini-3-pro-preview', 'gemini-3.5-flash-search'])(
    'answers whole and streamed with %s',
    async (model) => {
      const messages = [{ role: 'user' as const, content: 'say exactly: as ever' }];
      const whole = await client.chat.completions.create({ model, messages });
      expect(whole.choices[0]?.message.content).toContain('as ever');
      expect(whole.usage?.total_tokens).toBeGreaterThan(0);
      const stream = await client.chat.completions.create({ model, messages, stream: true });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      expect(text).toContain('as ever');
    },
  );

  it.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])('calls two functions at once with %s', async (model) => {
    const before = relay.simulator.asked('generate').length;
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [
      { role: 'user', content: 'What time is it in Oslo and Rome?' },
    ];
    const asked = await client.chat.completions.create({ model, messages, tools: [TIME] });
    const [choice] = asked.choices;
    const calls = choice?.message.tool_calls ?? [];
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(calls).toHaveLength(2);
    // As most clients do it: id, name and arguments, and nothing else.
    messages.push({
      role: 'assistant',
      tool_calls: calls.flatMap((call) =>
        call.type === 'function'
          ? [
              {
                id: call.id,
                type: 'function' as const,
                function: { name: call.function.name, arguments: call.function.arguments },
              },
            ]
          : [],
      ),
    });
    for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: '12:00' });
    const answered = await client.chat.completions.create({ model, messages, tools: [TIME] });
    expect(answered.choices[0]?.message.content).toContain('The functions answered');
    // The signature that this door gave was remembered: no second try was needed.
    expect(relay.simulator.asked('generate').length - before).toBe(2);
  });

  it('gives JSON of a given form', async () => {
    const completion = await client.chat.completions.parse({
      model: 'gemini-2.5-flash',
      messages: [{ role: 'user', content: 'Oslo' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'place',
          schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        },
      },
    });
    expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toHaveProperty('name');
  });

  it('offers the same models to both families, but for those that OpenAI clients have no route for', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(expect.arrayContaining(['gemini-2.5-flash', 'gemini-2.5-flash-nothinking-search']));
    expect(ids.includes('gemini-embedding-001')).toBe(door !== 'code-assist');
    expect(ids.includes('gemini-2.5-flash-image')).toBe(door !== 'code-assist');
    expect(ids.includes('gemma-4-31b-it')).toBe(door === 'gemini-api' || door === 'code-assist');
    const response = await relay.fetch('/v1beta/models?pageSize=1000');
    const { models } = (await response.json()) as {
      models: readonly { name: string; supportedGenerationMethods: readonly string[] }[];
    };
    const [answering, others] = [true, false].map((answers) =>
      models
        .filter(
          ({ supportedGenerationMethods: methods }) =>
            methods.some((method) => /^(?:generate|embed)Content$/.test(method)) === answers,
        )
        .map(({ name }) => name.replace('models/', '')),
    );
    expect(answering?.sort()).toEqual(ids.sort());
    expect(others?.some((name) => name.includes('live'))).toBe(door !== 'code-assist');
    expect((await client.models.retrieve('gemini-2.5-flash-search')).id).toBe('gemini-2.5-flash-search');
  });

  it('embeds where that can be done, and says elsewhere what would make it work', async () => {
    const ask = (body: Partial<OpenAI.EmbeddingCreateParams>) =>
      client.embeddings.create({ model: 'gemini-embedding-001', input: 'one', ...body });
    if (door === 'code-assist') {
      const error: unknown = await ask({}).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(APIError);
      expect(error).toMatchObject({ status: 404, code: 'model_not_found' });
      expect((error as Error).message).toMatch(/UPSTREAM=gemini-api or UPSTREAM=vertex/);
      return;
    }
    // The SDK asks for base64 and decodes it where nothing is said.
    const [one] = (await ask({})).data;
    expect(one?.embedding).toHaveLength(3072);
    const [plain] = (await ask({ encoding_format: 'float' })).data;
    expect(plain?.embedding[7]).toBeCloseTo(one?.embedding[7] ?? NaN, 6);
    const several = await ask({ input: ['one', 'two', 'three'], dimensions: 16, encoding_format: 'float' });
    expect(several.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(several.data.every(({ embedding }) => embedding.length === 16)).toBe(true);
    expect(Math.hypot(...(several.data[0]?.embedding ?? []))).toBeCloseTo(1, 5);
    expect(several.usage.prompt_tokens).toBeGreaterThan(0);
    await expect(ask({ input: [1, 2, 3] })).rejects.toMatchObject({ status: 400, param: 'input' });
  });

  it('says 404 for a model that is not there', async () => {
    const asked = client.chat.completions.create({
      model: 'gemini-99-ultra',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    await expect(asked).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });
});
