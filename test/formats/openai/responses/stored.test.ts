import { afterEach, describe, expect, it } from 'vitest';
import { candidate, toChunk } from '../../../support/gemini-chunk.ts';
import { checkResponsesStream } from '../../../support/responses-stream-checker.ts';
import { serve, type Script, type Served } from '../serve.ts';

type Fields = Readonly<Record<string, unknown>>;

const MODEL = 'gemini-3-pro-preview';
const open: Served[] = [];
const start = async (script?: Script): Promise<Served> => {
  const served = await serve(script);
  open.push(served);
  return served;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

const create = async (
  { post }: Served,
  body: object,
): Promise<Fields & { readonly id: string; readonly output: readonly Fields[] }> =>
  (await (await post('/v1/responses', { model: MODEL, ...body })).json()) as never;
const read = async (response: Response): Promise<Fields> => (await response.json()) as Fields;
const errorOf = async (response: Response): Promise<unknown> => [response.status, (await read(response))['error']];
const CALL = candidate([{ functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'QUJDRA==' }], {
  finishReason: 'STOP',
});
const SAID = candidate([{ text: 'Done.' }], { finishReason: 'STOP' });
const TOOLS = [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }];

describe('an answer goes on from another', () => {
  it('with all that was said before, and its signatures', async () => {
    const served = await start({ answers: [[CALL], [SAID], [SAID]] });
    const first = await create(served, { input: 'Do it.', tools: TOOLS, instructions: 'Be brief.' });
    const output = { type: 'function_call_output', call_id: first.output[0]?.['call_id'], output: 'ok' };
    const second = await create(served, { previous_response_id: first.id, input: [output], tools: TOOLS });
    expect(second['previous_response_id']).toBe(first.id);
    const third = await create(served, { previous_response_id: second.id, input: 'Again.' });
    expect(third['status']).toBe('completed');
    const { contents, systemInstruction } = served.calls.at(-1)?.request ?? {};
    expect(contents).toMatchObject([
      { role: 'user', parts: [{ text: 'Do it.' }] },
      { role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: 'QUJDRA==' }] },
      { role: 'user', parts: [{ functionResponse: { response: { output: 'ok' } } }] },
      { role: 'model', parts: [{ text: 'Done.' }] },
      { role: 'user', parts: [{ text: 'Again.' }] },
    ]);
    // Each request has its own.
    expect(systemInstruction).toBeUndefined();
  });

  it('also from one that was streamed, and with pictures in it', async () => {
    const served = await start();
    const picture = `data:image/png;base64,${'iVBORw0KGgoA'.repeat(10_000)}`;
    const input = [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What?' },
          { type: 'input_image', image_url: picture },
        ],
      },
    ];
    const streamed = await served.post('/v1/responses', { model: MODEL, input, stream: true });
    const { response } = checkResponsesStream(await streamed.text());
    await create(served, { previous_response_id: response.id, input: 'And?' });
    expect(served.calls.at(-1)?.request.contents?.[0]?.parts).toMatchObject([
      { text: 'What?' },
      { inlineData: { mimeType: 'image/png', data: picture.slice('data:image/png;base64,'.length) } },
    ]);
  });

  it('not from one that is not kept', async () => {
    const served = await start();
    const { id } = await create(served, { input: 'a', store: false });
    for (const previous of [id, 'resp_unknown']) {
      const response = await served.post('/v1/responses', { model: MODEL, input: 'b', previous_response_id: previous });
      expect(await errorOf(response)).toMatchObject([
        400,
        { code: 'previous_response_not_found', param: 'previous_response_id' },
      ]);
    }
  });
});

describe('an item is referred to', () => {
  it('among those that are kept', async () => {
    const served = await start({ answers: [[CALL], [SAID]] });
    const { output } = await create(served, {
      input: [{ role: 'user', id: 'msg_mine', content: 'Do it.' }],
      tools: TOOLS,
    });
    const input = [
      { type: 'item_reference', id: 'msg_mine' },
      { id: output[0]?.['id'] },
      { type: 'function_call_output', call_id: output[0]?.['call_id'], output: 'ok' },
    ];
    await create(served, { input, tools: TOOLS, store: false });
    expect(served.calls.at(-1)?.request.contents).toMatchObject([
      { parts: [{ text: 'Do it.' }] },
      { parts: [{ functionCall: { name: 'f' }, thoughtSignature: 'QUJDRA==' }] },
      { parts: [{ functionResponse: { response: { output: 'ok' } } }] },
    ]);
  });

  it('and no other', async () => {
    const { post } = await start();
    const response = await post('/v1/responses', { model: MODEL, input: [{ type: 'item_reference', id: 'msg_x' }] });
    expect(await errorOf(response)).toMatchObject([404, { code: 'item_not_found', param: 'input[0]' }]);
  });

  // As many as a body of the permitted size could hold: a few hundred bytes must not stand for gigabytes.
  it.each([
    ['bytes', 'a'.repeat(1024 * 1024)],
    ['values', Array.from({ length: 5000 }, () => ({ type: 'input_text', text: 'a' }))],
  ])('as often as what it stands for could be sent: %s', async (_name, content) => {
    const served = await start();
    await create(served, { input: [{ role: 'user', id: 'msg_long', content }] });
    const ask = (times: number): Promise<Response> =>
      served.post('/v1/responses', {
        model: MODEL,
        store: false,
        input: Array.from({ length: times }, () => ({ type: 'item_reference', id: 'msg_long' })),
      });
    expect((await ask(6)).status).toBe(200);
    expect(await errorOf(await ask(9))).toMatchObject([413, { code: 'request_too_large', param: 'input' }]);
  });
});

describe('an answer by its id', () => {
  it('is seen again, and forgotten', async () => {
    const served = await start();
    const made = await create(served, { input: 'a' });
    const path = `/v1/responses/${made.id}`;
    expect(await read(await served.fetch(path))).toEqual(made);
    expect(await read(await served.fetch(path, { method: 'DELETE' }))).toEqual({
      id: made.id,
      object: 'response',
      deleted: true,
    });
    for (const method of ['GET', 'DELETE']) {
      expect(await errorOf(await served.fetch(path, { method }))).toMatchObject([404, { code: 'response_not_found' }]);
    }
    expect(await errorOf(await served.fetch(`${path}/input_items`))).toMatchObject([
      404,
      { code: 'response_not_found' },
    ]);
  });

  it('is not kept where nothing is to be', async () => {
    const served = await start({ keepResponsesMs: 0 });
    const made = await create(served, { input: 'a' });
    expect(made['store']).toBe(false);
    expect((await served.fetch(`/v1/responses/${made.id}`)).status).toBe(404);
  });

  it('tells what it was made from, newest first', async () => {
    const served = await start();
    const first = await create(served, { input: 'a' });
    const second = await create(served, { previous_response_id: first.id, input: [{ role: 'user', content: 'b' }] });
    const list = async (query = '') => read(await served.fetch(`/v1/responses/${second.id}/input_items${query}`));
    const all = await list('?order=asc');
    expect(all).toMatchObject({
      object: 'list',
      has_more: false,
      data: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'b' }] },
      ],
    });
    const data = all['data'] as readonly Fields[];
    expect((await list())['data']).toEqual(data.toReversed());
    const [oldest] = data;
    expect(await list('?limit=1&order=asc')).toMatchObject({
      has_more: true,
      first_id: oldest?.['id'],
      data: [oldest],
    });
    expect((await list(`?order=asc&after=${String(oldest?.['id'])}`))['data']).toEqual(data.slice(1));
    expect(await served.fetch(`/v1/responses/${second.id}/input_items?order=up`)).toHaveProperty('status', 400);
    expect(await served.fetch(`/v1/responses/${second.id}/input_items?limit=0`)).toHaveProperty('status', 400);
    expect(await served.fetch(`/v1/responses/${second.id}/input_items?after=x`)).toHaveProperty('status', 400);
  });

  it('tells each item with what the API always has in it', async () => {
    const served = await start();
    const input = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
      { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'found' },
      { type: 'tool_search_call', call_id: 'call_2', arguments: {} },
      { type: 'tool_search_output', call_id: 'call_2', tools: [] },
    ];
    const { id } = await create(served, { input });
    const { data } = await read(await served.fetch(`/v1/responses/${id}/input_items?order=asc`));
    expect(data).toMatchObject([
      { role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'a' }] },
      { role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'I look.', annotations: [] }] },
      { type: 'function_call', status: 'completed', arguments: '{}' },
      { type: 'function_call_output', status: 'completed', output: 'found' },
      { type: 'tool_search_call', status: 'completed' },
      { type: 'tool_search_output', status: 'completed', tools: [] },
    ]);
  });

  it('cannot be streamed again', async () => {
    const served = await start();
    const { id } = await create(served, { input: 'a' });
    expect(await errorOf(await served.fetch(`/v1/responses/${id}?stream=true`))).toMatchObject([
      400,
      { param: 'stream' },
    ]);
  });
});

describe('an answer under way', () => {
  const endless: Script['generate'] = async (_call, signal) => {
    await Promise.resolve();
    return (async function* () {
      yield [toChunk(candidate([{ text: 'Once upon a time' }]))];
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    })();
  };

  it('is seen, and called off', async () => {
    const served = await start({ generate: endless });
    const response = await served.post('/v1/responses', { model: MODEL, input: 'Tell me a story.', stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    const id = /"id":"(resp_\w+)"/.exec(text)?.[1] ?? '';
    expect(await read(await served.fetch(`/v1/responses/${id}`))).toMatchObject({ id, status: 'in_progress' });
    const cancelled = await served.fetch(`/v1/responses/${id}/cancel`, { method: 'POST' });
    expect(await read(cancelled)).toMatchObject({ id, status: 'cancelled' });
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) text += next.value;
    const { last, response: told } = checkResponsesStream(text);
    expect([last, told.status]).toEqual(['response.failed', 'cancelled']);
    expect(await read(await served.fetch(`/v1/responses/${id}`))).toMatchObject({ status: 'cancelled' });
  });

  it('is forgotten when its client leaves', async () => {
    const served = await start({ generate: endless });
    const response = await served.post('/v1/responses', { model: MODEL, input: 'x', stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const id = /"id":"(resp_\w+)"/.exec((await reader?.read())?.value ?? '')?.[1] ?? '';
    await reader?.cancel();
    await expect.poll(async () => (await served.fetch(`/v1/responses/${id}`)).status).toBe(404);
  });

  it('that has ended is not called off, and one that never was is unknown', async () => {
    const served = await start();
    const { id } = await create(served, { input: 'a' });
    const cancel = (which: string) => served.fetch(`/v1/responses/${which}/cancel`, { method: 'POST' });
    expect(await errorOf(await cancel(id))).toMatchObject([400, { param: 'id' }]);
    expect(await errorOf(await cancel('resp_x'))).toMatchObject([404, { code: 'response_not_found' }]);
  });
});

describe('beside answers', () => {
  it('the input is counted', async () => {
    const { post } = await start();
    const response = await post('/v1/responses/input_tokens', { model: MODEL, input: 'How long is this?' });
    expect(await read(response)).toEqual({ object: 'response.input_tokens', input_tokens: 7 });
  });

  it('a conversation is put in few words, and goes on from them', async () => {
    const served = await start({
      answers: [[SAID], [candidate([{ text: 'Ann wants tea.' }], { finishReason: 'STOP' })], [SAID]],
    });
    const first = await create(served, { input: 'I want tea.' });
    const response = await served.post('/v1/responses/compact', {
      model: MODEL,
      previous_response_id: first.id,
      input: 'Now.',
    });
    const compacted = await read(response);
    expect(compacted).toMatchObject({ object: 'response.compaction', output: [{ type: 'compaction' }] });
    expect(served.calls.at(-1)?.request.contents).toHaveLength(3);
    expect(compacted['usage']).toHaveProperty('total_tokens');
    await create(served, {
      input: [...(compacted['output'] as readonly Fields[]), { role: 'user', content: 'Well?' }],
    });
    expect(JSON.stringify(served.calls.at(-1)?.request.contents)).toContain('Ann wants tea.');
    expect((await served.fetch(`/v1/responses/${String(compacted['id'])}`)).status).toBe(404);
  });
});
