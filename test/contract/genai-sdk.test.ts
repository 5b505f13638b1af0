import {
  ApiError,
  FunctionResponse,
  GoogleGenAI,
  Type,
  type Content,
  type FunctionDeclaration,
  type Model,
} from '@google/genai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorInStream, slowChunks } from '../../src/simulator/faults.ts';
import { perMinuteQuota } from '../../src/simulator/google-faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
});

const MODELS = ['gemini-2.5-flash', 'gemini-3-flash-preview'];

const WEATHER: FunctionDeclaration = {
  name: 'get_weather',
  description: 'The weather in a city.',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
};

const weather = (id?: string): FunctionResponse =>
  Object.assign(new FunctionResponse(), {
    ...(id !== undefined && { id }),
    name: 'get_weather',
    response: { celsius: 21 },
  });

/** 3.1 asks at `/v1` unless told otherwise; Gemini CLI and older versions ask at `/v1beta`. */
describe.each([undefined, 'v1beta', 'v1alpha'])('@google/genai at apiVersion %s', (apiVersion) => {
  const client = (): GoogleGenAI =>
    new GoogleGenAI({
      apiKey: relay.key,
      ...(apiVersion !== undefined && { apiVersion }),
      httpOptions: { baseUrl: relay.url },
    });

  it.each(MODELS)('generateContent with %s', async (model) => {
    const response = await client().models.generateContent({
      model,
      contents: 'say exactly: Grüße 😀',
      config: { systemInstruction: 'Be brief', temperature: 0.5, maxOutputTokens: 1000 },
    });
    expect(response.text).toBe('Grüße 😀');
    expect(response.candidates?.[0]?.finishReason).toBe('STOP');
    expect(response.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
  });

  it.each(MODELS)('generateContentStream with %s', async (model) => {
    const stream = await client().models.generateContentStream({ model, contents: 'stream 12 words' });
    const texts: string[] = [];
    let finish: string | undefined;
    for await (const chunk of stream) {
      if (chunk.text !== undefined) texts.push(chunk.text);
      finish = chunk.candidates?.[0]?.finishReason ?? finish;
    }
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.join('').trim().split(/\s+/)).toHaveLength(12);
    expect(finish).toBe('STOP');
  });

  it.each(MODELS)('a chat with function calls over two turns, with %s', async (model) => {
    const chat = client().chats.create({ model, config: { tools: [{ functionDeclarations: [WEATHER] }] } });
    for (const [city, send] of [
      ['Paris', async (message: Parameters<typeof chat.sendMessage>[0]) => chat.sendMessage(message)],
      [
        'Rome',
        async (message: Parameters<typeof chat.sendMessage>[0]) => {
          let last: Awaited<ReturnType<typeof chat.sendMessage>> | undefined;
          let calls: (typeof last & object)['functionCalls'];
          for await (const chunk of await chat.sendMessageStream(message)) {
            last = chunk;
            calls = chunk.functionCalls ?? calls;
          }
          return { functionCalls: calls, text: calls ? undefined : last?.text };
        },
      ],
    ] as const) {
      const asked = await send({ message: `How is the weather in ${city}?` });
      expect(asked.functionCalls).toMatchObject([{ name: 'get_weather' }]);
      const [call] = asked.functionCalls ?? [];
      const answered = await send({
        message: {
          functionResponse: weather(call?.id),
        },
      });
      expect(answered.text).toEqual(expect.any(String));
    }
    // Google refuses a Gemini 3 history without its signatures: the simulator as well.
    expect(chat.getHistory(true).filter(({ role }) => role === 'user')).toHaveLength(4);
    expect(relay.simulator.asked('generate')).toHaveLength(4);
  });

  it.each(MODELS)(
    'a streamed chat that keeps thoughts and each of two calls as contents of their own, with %s',
    async (model) => {
      const chat = client().chats.create({
        model,
        config: { tools: [{ functionDeclarations: [WEATHER] }], thinkingConfig: { includeThoughts: true } },
      });
      const send = async (message: Parameters<typeof chat.sendMessageStream>[0]['message']) => {
        const all = { calls: [] as (string | undefined)[], text: '' };
        for await (const chunk of await chat.sendMessageStream({ message })) {
          all.calls.push(...(chunk.functionCalls ?? []).map(({ id }) => id));
          all.text += chunk.candidates?.[0]?.content?.parts?.map(({ text }) => text ?? '').join('') ?? '';
        }
        return all;
      };
      for (const question of ['How is the weather in Oslo and Rome?', 'And in Paris and Lima?']) {
        const { calls } = await send(question);
        expect(calls).toHaveLength(2);
        const answered = await send(calls.map((id) => ({ functionResponse: weather(id) })));
        expect(answered.text).toContain('celsius');
      }
    },
  );

  it('a Gemini 3 history whose signatures are lost', async () => {
    const contents: Content[] = [
      { role: 'user', parts: [{ text: 'How is the weather in Paris?' }] },
      { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: { city: 'Paris' } } }] },
      { role: 'user', parts: [{ functionResponse: weather() }] },
    ];
    const response = await client().models.generateContent({
      model: 'gemini-3-flash-preview',
      contents,
      config: { tools: [{ functionDeclarations: [WEATHER] }] },
    });
    expect(response.text).toEqual(expect.any(String));
    expect(relay.simulator.asked('generate')).toHaveLength(1);
  });

  it('structured output', async () => {
    const response = await client().models.generateContent({
      model: 'gemini-2.5-flash',
      contents: 'A city, please',
      config: {
        responseMimeType: 'application/json',
        responseSchema: {
          type: Type.OBJECT,
          properties: { name: { type: Type.STRING }, inhabitants: { type: Type.INTEGER } },
          required: ['name', 'inhabitants'],
        },
      },
    });
    expect(JSON.parse(response.text ?? '')).toEqual({
      name: expect.any(String) as string,
      inhabitants: expect.any(Number) as number,
    });
  });

  it('countTokens', async () => {
    const counted = await client().models.countTokens({ model: 'gemini-2.5-flash', contents: 'one two three four' });
    expect(counted.totalTokens).toBeGreaterThan(0);
  });

  it('models.list, page by page, and models.get', async () => {
    const models: Model[] = [];
    const pager = await client().models.list({ config: { pageSize: 3 } });
    expect(pager.page).toHaveLength(3);
    for await (const model of pager) models.push(model);
    const names = models.map(({ name }) => name);
    expect(names).toContain('models/gemini-2.5-flash');
    expect(names).toContain('models/gemini-2.5-flash-search');
    expect(new Set(names).size).toBe(names.length);
    const model = await client().models.get({ model: 'gemini-2.5-flash-nothinking' });
    expect(model).toMatchObject({
      name: 'models/gemini-2.5-flash-nothinking',
      supportedActions: ['generateContent', 'streamGenerateContent', 'countTokens'],
    });
  });

  it('errors are an ApiError with their status', async () => {
    const failure = async (promise: Promise<unknown>): Promise<ApiError> => {
      const error: unknown = await promise.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ApiError);
      return error as ApiError;
    };
    const ai = client();
    const contents = 'Hello';
    expect((await failure(ai.models.generateContent({ model: 'nope', contents }))).status).toBe(404);
    expect((await failure(ai.models.get({ model: 'nope' }))).status).toBe(404);
    expect(
      (await failure(ai.models.generateContent({ model: 'gemini-2.5-flash', contents: 'fail with 400' }))).status,
    ).toBe(400);
    relay.simulator.always('generate', perMinuteQuota({ retryDelay: '30s' }));
    const limited = await failure(ai.models.generateContentStream({ model: 'gemini-2.5-flash', contents }));
    expect(limited.status).toBe(429);
    expect(JSON.parse(limited.message)).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } });
    expect(limited.message).toContain('google.rpc.RetryInfo');
    const stranger = new GoogleGenAI({ apiKey: 'wrong', httpOptions: { baseUrl: relay.url } });
    expect((await failure(stranger.models.generateContent({ model: 'gemini-2.5-flash', contents }))).status).toBe(401);
  });

  it('R18: an error in mid-stream is thrown', async () => {
    relay.simulator.next('generate', errorInStream(2, { code: 503, message: 'The model is overloaded.' }));
    const stream = await client().models.generateContentStream({
      model: 'gemini-2.5-flash',
      contents: 'stream 9 words',
    });
    const chunks: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of stream) chunks.push(chunk);
    };
    await expect(read()).rejects.toMatchObject({ name: 'ApiError', status: 503 });
    expect(chunks).toHaveLength(2);
  });

  it('R22: an abort ends the upstream request', async () => {
    relay.simulator.next('generate', slowChunks(50));
    const abort = new AbortController();
    const stream = await client().models.generateContentStream({
      model: 'gemini-2.5-flash',
      contents: 'stream 200 words',
      config: { abortSignal: abort.signal },
    });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) if (chunk.candidates) abort.abort();
    };
    await expect(read()).rejects.toThrow();
    await relay.simulator.until(() => relay.simulator.requests.at(-1)?.aborted === true);
  });

  it('what this door does not have says so', async () => {
    await expect(client().files.list()).rejects.toMatchObject({ status: 400 });
    await expect(
      client().caches.create({ model: 'gemini-2.5-flash', config: { contents: 'x' } }),
    ).rejects.toMatchObject({ status: 400 });
  });
});

describe('@google/genai with the Gemini API behind', () => {
  it('embedContent', async () => {
    const other = await startRelay({ door: 'gemini-api' });
    try {
      const ai = new GoogleGenAI({ apiKey: other.key, httpOptions: { baseUrl: other.url } });
      const { embeddings } = await ai.models.embedContent({
        model: 'gemini-embedding-001',
        contents: ['one', 'two'],
        config: { outputDimensionality: 128 },
      });
      expect(embeddings?.map(({ values }) => values?.length)).toEqual([128, 128]);
    } finally {
      await other.close();
    }
  });
});

describe('@google/genai in Vertex mode', () => {
  it('is served, as its paths differ only in front', async () => {
    const ai = new GoogleGenAI({ vertexai: true, apiKey: relay.key, httpOptions: { baseUrl: relay.url } });
    const response = await ai.models.generateContent({ model: 'gemini-2.5-flash', contents: 'say exactly: yes' });
    expect(response.text).toBe('yes');
  });
});
