import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { calls, chunk, ends, says, thinks } from '../../src/simulator/scripted.ts';
import {
  api,
  ask,
  code,
  eventsOf,
  generated,
  generatedIn,
  response,
  textOf,
  tool,
  user,
  model,
  vertex,
} from './asking.ts';

const FLASH_3 = 'gemini-3-flash-preview';
const weather = {
  name: 'get_weather',
  parametersJsonSchema: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer' },
      unit: { enum: ['C', 'F'] },
      note: { type: 'string' },
    },
    required: ['city', 'days', 'unit'],
  },
};
const config = (generationConfig: object) => ({ request: { generationConfig } });

describe('the simulated model', () => {
  let google: Simulator;
  beforeAll(async () => {
    google = await startSimulator();
  });
  beforeEach(() => {
    google.reset();
  });
  afterAll(() => google.close());

  const partsOf = async (asking: ReturnType<typeof code>) =>
    (await generated(await ask(google, asking))).candidates?.[0]?.content.parts ?? [];

  it('reads base64 of both alphabets', async () => {
    for (const data of ['+/8=', '-_8=', '-_8']) {
      const asking = code('look', { request: { contents: [user({ inlineData: { mimeType: 'image/png', data } })] } });
      expect((await ask(google, asking)).status).toBe(200);
    }
  });

  it('follows a schema that stands in words, in JSON mode and without', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } };
    const systemInstruction = {
      parts: [{ text: `It must match this JSON Schema: ${JSON.stringify(schema)} Thanks.` }],
    };
    for (const generationConfig of [{}, { responseMimeType: 'application/json' }]) {
      const asking = code('Oslo', { request: { systemInstruction, generationConfig } });
      expect(JSON.parse(textOf(await generated(await ask(google, asking))))).toEqual({ city: 'Oslo', days: 1 });
    }
    expect(textOf(await generated(await ask(google, code('What is a JSON Schema? {'))))).toContain('You said');
  });

  it('tells an agent in few words what was said, and which calls are still to be made', async () => {
    const asked = user({ text: 'Do this:\ncall get_weather {"days":1}\ncall get_weather {"days":2}' });
    const contents = [
      asked,
      model({ functionCall: { name: 'get_weather', args: { days: 1 } } }),
      user(response('get_weather'), 'A detailed summary, please. Do not call any tools.'),
    ];
    const said = textOf(await generated(await ask(google, code('', { request: { contents, ...tool(weather) } }))));
    expect(said).toContain('\ncall get_weather {"days":2}\n');
    expect(said).not.toContain('"days":1');
    // Codex keeps what its user wrote, and puts the summary behind it.
    const kept = [user({ text: 'Do this:\ncall get_weather {"days":1}\ncall get_weather {"days":2}' }, said)];
    const [next] = await partsOf(code('', { request: { contents: kept, ...tool(weather) } }));
    expect(next?.functionCall).toMatchObject({ args: { days: 2 } });
  });

  it('calls none of all that an agent can do where it is not told to', async () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ ...weather, name: `tool_${index}` }));
    const some = generated(await ask(google, code('Hello', { request: tool(...many.slice(1)) })));
    const none = generated(await ask(google, code('Hello', { request: tool(...many) })));
    expect(JSON.stringify(await some)).toContain('functionCall');
    expect(JSON.stringify(await none)).not.toContain('functionCall');
  });

  it('makes the calls that the user wrote down, one a round', async () => {
    const tools = [{ functionDeclarations: [weather, { ...weather, name: 'other' }] }];
    const asked = user({ text: 'Do this:\ncall other {"city":"Oslo"}\ncall get_weather {"days":2}' });
    const contents: object[] = [asked];
    const made: unknown[] = [];
    for (let round = 0; round < 3; round += 1) {
      const [part] = await partsOf(code('', { request: { tools, contents } }));
      made.push(part?.functionCall ?? 'text');
      const name = (part?.functionCall as { name?: string } | undefined)?.name;
      contents.push(model(part ?? {}), user({ functionResponse: { name, response: { output: 'done' } } }));
    }
    expect(made).toMatchObject([
      { name: 'other', args: { city: 'Oslo' } },
      { name: 'get_weather', args: { days: 2 } },
      'text',
    ]);
  });

  it('says the same to the same question, and quotes it', async () => {
    const [one, two] = [await ask(google, code('hello')), await ask(google, code('hello'))];
    const text = await one.text();
    expect(text).toBe(await two.text());
    expect(text).toContain('You said: \\"hello\\"');
  });

  it('streams what it says whole, with growing counts in each event and the end in the last', async () => {
    const all = textOf(await generated(await ask(google, code('hello'))));
    const events = (await eventsOf(await ask(google, code('hello', { stream: true })))).map(generatedIn);
    expect(events.length).toBeGreaterThan(2);
    expect(textOf(...events)).toBe(all);
    expect(events.map((event) => event.candidates?.[0]?.finishReason)).toEqual([
      ...events.slice(1).map(() => undefined),
      'STOP',
    ]);
    const totals = events.map((event) => Number(event.usageMetadata.totalTokenCount));
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  });

  it('frames events with CRLF, and answers an array without alt=sse', async () => {
    const stream = await ask(google, api('hello', { stream: true }));
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    expect(await stream.text()).toMatch(/^data: \{.*\}\r\n\r\n(data: \{.*\}\r\n\r\n)+$/);
    const { path, body } = api('hello', { stream: true });
    const array = await ask(google, { path: path.replace('?alt=sse', ''), body });
    expect(array.headers.get('content-type')).toMatch('application/json');
    expect((await array.json()) as unknown[]).not.toHaveLength(0);
  });

  it('counts thoughts beside the answer, and shows them where asked', async () => {
    const hidden = await generated(await ask(google, code('hello')));
    expect(hidden.candidates?.[0]?.content.parts).toHaveLength(1);
    const shown = await generated(
      await ask(google, code('hello', config({ thinkingConfig: { includeThoughts: true } }))),
    );
    expect(shown.candidates?.[0]?.content.parts?.[0]).toMatchObject({ thought: true });
    const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount } = shown.usageMetadata;
    expect(candidatesTokenCount).toBe(hidden.usageMetadata.candidatesTokenCount);
    expect(totalTokenCount).toBe(Number(promptTokenCount) + Number(candidatesTokenCount) + Number(thoughtsTokenCount));
  });

  it.each([
    ['2.5 flash by itself', 'gemini-2.5-flash', {}, 40],
    ['2.5 flash with a budget', 'gemini-2.5-flash', { thinkingBudget: 8 }, 8],
    ['2.5 flash with thinking off', 'gemini-2.5-flash', { thinkingBudget: 0 }, undefined],
    ['2.5 flash-lite by itself', 'gemini-2.5-flash-lite', {}, undefined],
    ['3 flash by itself', FLASH_3, {}, 80],
    ['3 flash at LOW', FLASH_3, { thinkingLevel: 'LOW' }, 8],
    ['3.1 flash-lite by itself', 'gemini-3.1-flash-lite', {}, undefined],
  ])('thinks as %s does', async (_how, id, thinkingConfig, tokens) => {
    const answer = await generated(await ask(google, code('hello', { model: id, ...config({ thinkingConfig }) })));
    expect(answer.usageMetadata.thoughtsTokenCount).toBe(tokens);
  });

  it('is eaten up by its thoughts when few tokens are allowed', async () => {
    const answer = await generated(await ask(google, code('hello', config({ maxOutputTokens: 16 }))));
    expect(answer.candidates?.[0]).toEqual({ content: { role: 'model' }, finishReason: 'MAX_TOKENS' });
    expect(answer.usageMetadata).toMatchObject({ thoughtsTokenCount: 16 });
    expect(answer.usageMetadata).not.toHaveProperty('candidatesTokenCount');
  });

  it('ends at the limit, and before a stop sequence', async () => {
    const off = { thinkingConfig: { thinkingBudget: 0 } };
    const cut = await generated(await ask(google, code('stream 90 words', config({ ...off, maxOutputTokens: 4 }))));
    expect(cut.candidates?.[0]?.finishReason).toBe('MAX_TOKENS');
    expect(textOf(cut)).toBe('word1 word2 word');
    const stopped = await generated(await ask(google, code('stream 9 words', config({ stopSequences: ['word3'] }))));
    expect(stopped.candidates?.[0]?.finishReason).toBe('STOP');
    expect(textOf(stopped)).toBe('word1 word2 ');
  });

  it('calls a function with arguments of its schema, then quotes the answer', async () => {
    const request = tool(weather);
    const [part] = await partsOf(code('Weather in Oslo?', { request }));
    expect(part).toEqual({
      functionCall: { name: 'get_weather', args: { city: 'Weather in Oslo?', days: 1, unit: 'C' } },
    });
    const contents = [user('Weather in Oslo?'), model(part ?? {}), user(response('get_weather', { output: '4C' }))];
    const [last] = await partsOf(code('', { request: { ...request, contents } }));
    expect(last?.text).toBe('The functions answered: get_weather {"output":"4C"}');
  });

  it('calls twice for two cities, and signs the first call alone on Gemini 3', async () => {
    const parts = await partsOf(code('Weather in Oslo and Rome?', { model: FLASH_3, request: tool(weather) }));
    expect(parts.map((part) => part.functionCall)).toMatchObject([
      { args: { city: 'Oslo' } },
      { args: { city: 'Rome' } },
    ]);
    expect(parts.map((part) => typeof part.thoughtSignature)).toEqual(['string', 'undefined']);
  });

  it('numbers calls on the Gemini API with Gemini 3, and nowhere else', async () => {
    const idOf = async (asking: ReturnType<typeof code>) =>
      ((await partsOf(asking))[0]?.functionCall as { id?: string } | undefined)?.id;
    const request = tool(weather);
    expect(await idOf(api('go', { model: FLASH_3, request }))).toMatch(/^[0-9a-f]{8}$/);
    expect(await idOf(api('go', { request }))).toBeUndefined();
    expect(await idOf(vertex('go', { model: FLASH_3, request }))).toBeUndefined();
  });

  it.each([
    ['NONE', { mode: 'NONE' }, undefined],
    ['an allowed name', { mode: 'ANY', allowedFunctionNames: ['b'] }, 'b'],
    ['AUTO', { mode: 'AUTO' }, 'a'],
  ])('heeds %s', async (_choice, functionCallingConfig, name) => {
    const request = { ...tool({ name: 'a' }, { name: 'b' }), toolConfig: { functionCallingConfig } };
    const [part] = await partsOf(code('go', { request }));
    expect((part?.functionCall as { name: string } | undefined)?.name).toBe(name);
  });

  it('calls again after results where it must', async () => {
    const contents = [user('go'), model({ functionCall: { name: 'a', args: {} } }), user(response('a'))];
    const asking = (mode: string) =>
      code('', { request: { contents, ...tool({ name: 'a' }), toolConfig: { functionCallingConfig: { mode } } } });
    expect((await partsOf(asking('ANY')))[0]).toHaveProperty('functionCall.name', 'a');
    expect((await partsOf(asking('AUTO')))[0]).toHaveProperty('text');
  });

  it('signs the end of a text on Gemini 3: its last part, or an empty one at the end of a stream', async () => {
    const parts = await partsOf(code('hello', { model: FLASH_3 }));
    expect(parts.at(-1)).toMatchObject({ thoughtSignature: expect.any(String) as string });
    const events = (await eventsOf(await ask(google, code('hello', { model: FLASH_3, stream: true })))).map(
      generatedIn,
    );
    expect(events.at(-1)?.candidates?.[0]).toMatchObject({
      content: { parts: [{ text: '', thoughtSignature: expect.any(String) as string }] },
      finishReason: 'STOP',
    });
  });

  it.each([
    [
      'a JSON schema',
      {
        responseJsonSchema: {
          type: 'object',
          properties: { n: { type: 'integer', minimum: 5 }, s: { type: 'array', items: { type: 'string' } } },
        },
      },
      { n: 5, s: ['hello'] },
    ],
    ['a schema of the OpenAPI kind', { responseSchema: { type: 'ARRAY', items: { type: 'BOOLEAN' } } }, [true]],
    [
      'references',
      {
        responseJsonSchema: {
          type: 'object',
          properties: { a: { $ref: '#/$defs/b' } },
          $defs: { b: { enum: [7, 8] } },
        },
      },
      { a: 7 },
    ],
    ['no schema', {}, { answer: 'hello' }],
  ])('answers JSON after %s', async (_what, schema, expected) => {
    const answer = await generated(
      await ask(google, code('hello', config({ responseMimeType: 'application/json', ...schema }))),
    );
    expect(JSON.parse(textOf(answer))).toEqual(expected);
  });

  it('grounds a search answer in bytes of UTF-8', async () => {
    const answer = await generated(await ask(google, code('who won?', { request: { tools: [{ googleSearch: {} }] } })));
    const text = Buffer.from(textOf(answer));
    const supports = answer.candidates?.[0]?.groundingMetadata?.groundingSupports ?? [];
    expect(supports.length).toBeGreaterThan(1);
    expect(text.length).toBeGreaterThan(textOf(answer).length);
    for (const { segment } of supports) {
      expect(text.subarray(segment.startIndex ?? 0, segment.endIndex).toString()).toBe(segment.text);
    }
  });

  it('draws a picture with an image model', async () => {
    const parts = await partsOf(api('a cat', { model: 'gemini-2.5-flash-image' }));
    const { data } = (parts[1] as { inlineData: { data: string } }).inlineData;
    expect(Buffer.from(data, 'base64').subarray(1, 4).toString()).toBe('PNG');
    const only = await partsOf(
      api('a cat', { model: 'gemini-2.5-flash-image', ...config({ responseModalities: ['IMAGE'] }) }),
    );
    expect(only).toHaveLength(1);
  });

  it('gives as many candidates as asked, and the probabilities of their words', async () => {
    const wanted = config({ candidateCount: 3, responseLogprobs: true, logprobs: 2 });
    const answer = await generated(await ask(google, code('hello', wanted)));
    expect(answer.candidates?.map(({ index }) => index)).toEqual([undefined, 1, 2]);
    const first = answer.candidates?.[0];
    expect(first?.logprobsResult?.chosenCandidates.map(({ token }) => token).join('')).toBe(textOf(answer));
    const events = (await eventsOf(await ask(google, code('hello', { ...wanted, stream: true })))).map(generatedIn);
    expect(events.flatMap((event) => event.candidates ?? []).filter((one) => one.finishReason === 'STOP')).toHaveLength(
      3,
    );
  });

  it.each([
    ['stream 3 words', 'word1 word2 word3', 'STOP'],
    ['say exactly: só è 日本', 'só è 日本', 'STOP'],
    ['say nothing', '', 'STOP'],
    ['please end with SAFETY', 'Simulated gemini-2.5-flash here. You said: "please end with SAFETY"', 'SAFETY'],
  ])('understands "%s"', async (phrase, text, finishReason) => {
    const answer = await generated(await ask(google, code(phrase)));
    expect(textOf(answer)).toBe(text);
    expect(answer.candidates?.[0]?.finishReason).toBe(finishReason);
  });

  it('blocks a prompt that asks for it, without candidates', async () => {
    const answer = await generated(await ask(google, code('be blocked')));
    expect(answer.candidates).toBeUndefined();
    expect(answer.promptFeedback).toEqual({ blockReason: 'PROHIBITED_CONTENT' });
  });

  it('fails when asked to', async () => {
    expect((await ask(google, code('fail with 503'))).status).toBe(503);
  });

  it('says scripted chunks byte for byte, in the door’s own envelope', async () => {
    const text =
      '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"n":12345678901234567890,"x":1.0}}}]}}]}';
    google.answer(text);
    expect(await (await ask(google, code('hello'))).text()).toMatch(
      new RegExp(`^\\{"response":${RegExp.escape(text)},"traceId":"`),
    );
    google.answer(text, '{"usageMetadata":{}}');
    expect(await (await ask(google, api('hello', { stream: true }))).text()).toBe(
      `data: ${text}\r\n\r\ndata: {"usageMetadata":{}}\r\n\r\n`,
    );
  });

  it('puts scripted chunks together for a whole answer, and checks the request all the same', async () => {
    google.answer(thinks('hm'), ...says('Hi', ' there'));
    const answer = await generated(await ask(google, code('hello')));
    expect(textOf(answer)).toBe('Hi there');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    google.answer(calls({ name: 'f', args: {} }), ends('STOP'));
    expect((await ask(google, code('hello', { request: { contents: [] } }))).status).toBe(400);
    google.answer(chunk([{ text: 'x' }], { finishReason: 'RECITATION' }));
    expect((await generated(await ask(google, code('hello')))).candidates?.[0]?.finishReason).toBe('RECITATION');
  });
});
