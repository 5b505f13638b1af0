/** Bodies of more than 4 MiB are read and written in turns: what arrives at Google is what arrives of small ones. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { empty } from '../../src/simulator/faults.ts';
import { startRelay, type TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(() => relay.close());
beforeEach(() => {
  relay.simulator.reset();
});

const MODEL = 'gemini-2.5-flash';
const MIB = 1024 * 1024;
/** A body of this size is large, and what Google gets of it is not: it counts tokens. */
const padding = 'x'.repeat(4 * MIB);
const LONG = 'line "one"\n中\n'.repeat(50_000);

const post = (path: string, body: object): Promise<Response> =>
  fetch(relay.url + path, {
    method: 'POST',
    body: JSON.stringify({ ...body, padding }),
    headers: { authorization: `Bearer ${relay.key}`, 'content-type': 'application/json' },
  });

interface Sent {
  readonly request: { readonly contents: readonly { readonly parts: readonly Readonly<Record<string, unknown>>[] }[] };
}

const partsSent = (operation: 'generate' | 'countTokens'): readonly Readonly<Record<string, unknown>>[] => {
  const { request } = JSON.parse(relay.simulator.asked(operation).at(-1)?.text ?? '') as Sent;
  return request.contents.flatMap(({ parts }) => parts);
};

const argsSent = (): unknown =>
  partsSent('generate').flatMap(({ functionCall }) =>
    functionCall === undefined ? [] : [(functionCall as { args: unknown }).args],
  )[0];

const chatCall = (args: string): object => ({
  model: MODEL,
  messages: [
    { role: 'user', content: LONG },
    { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: args } }] },
    { role: 'tool', tool_call_id: 'c', content: 'ok' },
  ],
});

describe('large bodies', () => {
  it.each([
    ['short arguments', '{"a": 1.0}', { a: 1 }],
    ['long arguments', JSON.stringify({ text: LONG, n: [1] }), { text: LONG, n: [1] }],
    ['a long list for arguments', JSON.stringify([LONG]), { value: [LONG] }],
    ['long arguments that are no JSON', `{"a":"${'b'.repeat(MIB)}`, { _raw: `{"a":"${'b'.repeat(MIB)}` }],
  ])('chat: %s arrive', async (_what, args, arrives) => {
    const response = await post('/v1/chat/completions', chatCall(args));
    expect(response.status).toBe(200);
    expect(partsSent('generate')[0]?.['text'] === LONG).toBe(true);
    expect(JSON.stringify(argsSent()) === JSON.stringify(arrives)).toBe(true);
  });

  it('chat: messages that come as the text of their JSON', async () => {
    const messages = JSON.stringify([{ role: 'user', content: LONG }]);
    expect((await post('/v1/chat/completions', { model: MODEL, messages })).status).toBe(200);
    expect(partsSent('generate')[0]?.['text'] === LONG).toBe(true);
  });

  it('chat: messages that are the text of no JSON are refused by name', async () => {
    const response = await post('/v1/chat/completions', { model: MODEL, messages: `[{"role":"user",${LONG}` });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'messages' } });
  });

  it('responses: what is kept of them can be read again', async () => {
    const text = JSON.stringify({ text: LONG });
    const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: text };
    const input = [{ role: 'user', content: LONG }, call, { type: 'function_call_output', call_id: 'c', output: 'ok' }];
    const response = await post('/v1/responses', { model: MODEL, input });
    expect(response.status).toBe(200);
    expect(JSON.stringify(argsSent()) === text).toBe(true);
    const { id } = (await response.json()) as { id: string };
    const kept = await fetch(`${relay.url}/v1/responses/${id}/input_items?limit=100`, {
      headers: { authorization: `Bearer ${relay.key}` },
    });
    const { data } = (await kept.json()) as { data: readonly { arguments?: unknown }[] };
    expect(data.some((item) => item.arguments === text)).toBe(true);
  });

  it('responses: a refusal of Google is told as it is, however early it comes', async () => {
    relay.simulator.always('generate', empty(400));
    const ids = Array.from({ length: 20 }, (_, index) => ({ role: 'user', id: `msg_${index}`, content: LONG }));
    expect((await post('/v1/responses', { model: MODEL, input: ids })).status).toBe(400);
  });

  it('native: arguments travel as they were written', async () => {
    const args = `{"text": ${JSON.stringify(LONG)}, "n":1.0}`;
    const turns = `{"role":"model","parts":[{"functionCall":{"name":"f","args":${args}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}`;
    const response = await fetch(`${relay.url}/v1beta/models/${MODEL}:generateContent`, {
      method: 'POST',
      body: `{"padding":"${padding}","contents":[{"role":"user","parts":[{"text":"a"}]},${turns}]}`,
      headers: { 'x-goog-api-key': relay.key, 'content-type': 'application/json' },
    });
    expect(response.status).toBe(200);
    expect(relay.simulator.asked('generate').at(-1)?.text.includes(args)).toBe(true);
  });

  const picture = `iVBORw0KGgo${'A'.repeat(100_001)}`;

  it.each([
    [
      '/v1/messages/count_tokens',
      [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } }],
      'messages',
    ],
    ['/v1/responses/input_tokens', [{ type: 'input_image', image_url: `data:image/png;base64,${picture}` }], 'input'],
  ])('%s counts the picture itself', async (path, content, field) => {
    const response = await post(path, { model: MODEL, [field]: [{ role: 'user', content }] });
    expect(response.status).toBe(200);
    const [part] = partsSent('countTokens');
    expect((part?.['inlineData'] as { data: string }).data === picture).toBe(true);
  });
});
