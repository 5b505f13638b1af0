import { FunctionResponse, GoogleGenAI, type FunctionDeclaration } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay, type DoorName, type TestRelay } from '../support/relay.ts';

const DOORS: readonly DoorName[] = ['code-assist', 'gemini-api', 'vertex'];

const TIME: FunctionDeclaration = {
  name: 'get_time',
  parametersJsonSchema: {
    $defs: { zone: { type: 'string', minLength: 2 } },
    type: 'object',
    properties: { zone: { $ref: '#/$defs/zone' }, exact: { type: ['boolean', 'null'] } },
    required: ['zone'],
    additionalProperties: false,
  },
};

/** A request looks the same to the client whichever way leads to Google. */
describe.each(DOORS)('@google/genai with %s behind', (door) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ door });
  });
  afterAll(() => relay.close());

  const client = (): GoogleGenAI => new GoogleGenAI({ apiKey: relay.key, httpOptions: { baseUrl: relay.url } });

  it.each([
    'gemini-2.5-flash',
    'gemini-2.5-flash-nothinking',
    'gemini-3-flash-preview',
    'gemini-3.5-flash-maxthinking-search',
  ])('answers whole and streamed with %s', async (model) => {
    const { models } = client();
    const whole = await models.generateContent({ model, contents: 'say exactly: as ever' });
    expect(whole.text).toContain('as ever');
    let text = '';
    for await (const chunk of await models.generateContentStream({ model, contents: 'say exactly: as ever' })) {
      text += chunk.text ?? '';
    }
    expect(text).toContain('as ever');
  });

  it.each(['gemini-2.5-flash', 'gemini-3-flash-preview'])('calls two functions at once with %s', async (model) => {
    const chat = client().chats.create({ model, config: { tools: [{ functionDeclarations: [TIME] }] } });
    const asked = await chat.sendMessage({ message: 'What time is it in Oslo and Rome?' });
    expect(asked.functionCalls).toHaveLength(2);
    const answered = await chat.sendMessage({
      message: (asked.functionCalls ?? []).map(({ id, name }) => ({
        functionResponse: Object.assign(new FunctionResponse(), {
          ...(id !== undefined && { id }),
          name,
          response: { time: '12:00' },
        }),
      })),
    });
    expect(answered.text).toEqual(expect.any(String));
  });

  it('counts', async () => {
    const counted = await client().models.countTokens({ model: 'gemini-2.5-flash', contents: 'one two three four' });
    expect(counted.totalTokens).toBeGreaterThan(0);
  });

  it('lists models that it can call', async () => {
    const { models } = client();
    const names: string[] = [];
    for await (const { name } of await models.list()) names.push(name ?? '');
    expect(names).toContain('models/gemini-2.5-flash');
    expect(names).toContain('models/gemini-2.5-flash-nothinking-search');
    expect(await models.get({ model: 'gemini-2.5-flash' })).toMatchObject({ name: 'models/gemini-2.5-flash' });
  });

  it('says 404 for a model that is not there', async () => {
    await expect(
      client().models.generateContent({ model: 'gemini-99-ultra', contents: 'Hello' }),
    ).rejects.toMatchObject({
      status: 404,
    });
  });
});

/** The client's other mode; its key is the relay's. */
describe.each(['gemini-api', 'vertex'] as const)('@google/genai in Vertex mode with %s behind', (door) => {
  let relay: TestRelay;
  beforeAll(async () => {
    relay = await startRelay({ door });
  });
  afterAll(() => relay.close());

  it.each(['gemini-embedding-001', 'gemini-embedding-2-preview'])('embeds as it was asked with %s', async (model) => {
    const { models } = new GoogleGenAI({ vertexai: true, apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
    const { embeddings } = await models.embedContent({
      model,
      contents: ['a'],
      config: { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 8 },
    });
    expect(embeddings?.map(({ values }) => values?.length)).toEqual([8]);
    const sent = relay.simulator.requests.at(-1)?.text ?? '';
    expect(sent).toContain('"RETRIEVAL_QUERY"');
    if (model !== 'gemini-embedding-001') return;
    const many = await models.embedContent({ model, contents: ['a', 'b'], config: { outputDimensionality: 8 } });
    expect(many.embeddings?.map(({ values }) => values?.length)).toEqual([8, 8]);
  });
});
