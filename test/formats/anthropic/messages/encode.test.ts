/** The rows of api-mapping F2 to F4, each as what Google says and what the client is told of it, whole and streamed. */
import { describe, expect, it } from 'vitest';
import { readCarrier, readReference } from '../../../../src/conversation/signature-carrier.ts';
import { failed, RelayError } from '../../../../src/errors.ts';
import { candidate } from '../../../support/gemini-chunk.ts';
import { createReply, message, READING, stream, streamText, whole } from './encoding.ts';

const STOP = candidate([], { finishReason: 'STOP' });
const SIGNATURE = 'QUJDRA==';
const FAMILY = READING.resolved.model.family;
const text = (said: string, more: object = {}) => candidate([{ text: said }], more as Record<string, unknown>);
const thought = (said: string) => candidate([{ text: said, thought: true }]);
const calls = (...parts: readonly object[]) => candidate(parts, { finishReason: 'STOP' });
const call = (name: string, args: object = {}, signature?: string) => ({
  functionCall: { name, args },
  ...(signature !== undefined && { thoughtSignature: signature }),
});
const carried = (block: object | undefined) =>
  readCarrier((block as { signature?: string } | undefined)?.signature, FAMILY);
const types = ({ content }: { readonly content: readonly { readonly type?: unknown }[] }) =>
  content.map(({ type }) => type);

describe('a text', () => {
  it('is told event by event (H129)', () => {
    const { order, message: told, events } = stream([text('Hel'), text('lo "you" 😀'), STOP]);
    expect(order).toEqual([
      ...['message_start', 'ping', 'content_block_start', 'content_block_delta', 'content_block_stop'],
      ...['message_delta', 'message_stop'],
    ]);
    expect(events).toHaveLength(8);
    expect(told).toMatchObject({
      id: 'msg_AAAAAAAAAAAAAAAAAAAAAAAA',
      model: 'gemini-3-pro-preview',
      content: [{ type: 'text', text: 'Hello "you" 😀' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
  });

  it('is one empty block where the model says nothing', async () => {
    expect((await message([candidate([{ text: '' }], { finishReason: 'STOP' })])).content).toEqual([
      { type: 'text', text: '' },
    ]);
  });

  it('of pictures and code is markdown', async () => {
    const { content } = await message([
      candidate([{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }]),
      candidate([{ executableCode: { language: 'PYTHON', code: 'print(1)' } }]),
      STOP,
    ]);
    expect(content).toMatchObject([{ type: 'text', text: expect.stringContaining('data:image/png') as unknown }]);
    expect(content[0]?.['text']).toContain('print(1)');
  });

  it('loses the fence around JSON', async () => {
    const { content } = await message([text('```json\n{"a":1}\n```', { finishReason: 'STOP' })], { stripFence: true });
    expect(content).toEqual([{ type: 'text', text: '{"a":1}' }]);
  });
});

describe('thinking', () => {
  it('is one block before the text, signed by what finds its signature again', async () => {
    const chunks = [
      thought('Hm. '),
      thought('"So".'),
      text('a'),
      candidate([{ text: '', thoughtSignature: SIGNATURE }]),
    ];
    const { content } = await message([...chunks, STOP]);
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Hm. "So".' },
      { type: 'text', text: 'a' },
    ]);
    const { reply, texts } = createReply();
    const [block] = stream([...chunks, STOP], {}, reply).message.content;
    expect(texts).toEqual([{ reference: readReference(block?.['signature']), signature: SIGNATURE }]);
  });

  it('carries the signature of the call behind it', async () => {
    const { content, stop_reason: reason } = await message([
      thought('Hm.'),
      calls(call('f', { a: 1 }, SIGNATURE), call('g')),
    ]);
    expect(reason).toBe('tool_use');
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'tool_use', name: 'f', input: { a: 1 } },
      { type: 'tool_use', name: 'g', input: {} },
    ]);
    expect(carried(content[0])).toEqual({ signature: SIGNATURE, family: FAMILY, callId: content[1]?.['id'] });
  });

  it('has an empty block for a signature without thoughts, behind a text too', async () => {
    const signed = calls(call('f', {}, SIGNATURE));
    expect((await message([signed])).content).toMatchObject([{ type: 'thinking', thinking: '' }, { type: 'tool_use' }]);
    const { content } = await message([text('I look.'), signed]);
    expect(types({ content })).toEqual(['text', 'thinking', 'tool_use']);
    expect(carried(content[1])?.callId).toBe(content[2]?.['id']);
  });

  it('names the family of the model that stood in', () => {
    const { reply } = createReply({ family: () => '2.5' });
    const [block] = stream([calls(call('f', {}, SIGNATURE))], {}, reply).message.content;
    expect(readCarrier(block?.['signature'], '2.5')?.signature).toBe(SIGNATURE);
  });

  it('that is not to be shown is an empty block', async () => {
    const { content } = await message([text('a'), STOP], { showThoughts: false });
    expect(content).toMatchObject([{ type: 'thinking', thinking: '' }, { type: 'text' }]);
  });

  it('has no block where none is wanted: the call is remembered (H133)', () => {
    const { reply, calls: remembered } = createReply();
    const off = { thinkingBlocks: false, showThoughts: false };
    const { content } = stream([thought('Hm.'), calls(call('f', {}, SIGNATURE))], off, reply).message;
    expect(types({ content })).toEqual(['tool_use']);
    expect(remembered).toEqual([{ id: content[0]?.['id'], name: 'f', args: '{}', signature: SIGNATURE }]);
  });

  it('comes again between calls', async () => {
    const { content } = await message([
      candidate([{ text: 'One.', thought: true }, call('f', {}, SIGNATURE)]),
      candidate([{ text: 'Two.', thought: true }, { text: 'so' }], { finishReason: 'STOP' }),
    ]);
    expect(types({ content })).toEqual(['thinking', 'tool_use', 'thinking', 'text']);
  });
});

describe('a call', () => {
  it('has an input that is one delta, also where it is empty', () => {
    const { events } = stream([calls(call('f'), call('g', { path: 'a/"b"', n: 1 }))]);
    expect(events.filter(({ type }) => type === 'content_block_delta')).toMatchObject([
      { delta: { type: 'input_json_delta', partial_json: '{}' } },
      { delta: { type: 'input_json_delta', partial_json: '{"path":"a/\\"b\\"","n":1}' } },
    ]);
  });

  it('keeps long numbers as Google wrote them', async () => {
    const chunk =
      '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"id":9007199254740993}}}]},"finishReason":"STOP"}]}';
    expect(streamText([chunk])).toContain('9007199254740993');
    expect(JSON.stringify(await whole([chunk]))).toContain('900719925474099');
  });

  it('comes alone where only one is wanted, with its signature', async () => {
    const { content } = await message([calls(call('f', {}, SIGNATURE), call('g'))], { singleCall: true });
    expect(types({ content })).toEqual(['thinking', 'tool_use']);
  });
});

describe('the end', () => {
  it.each([
    ['STOP', 'end_turn'],
    ['MAX_TOKENS', 'max_tokens'],
    ...['SAFETY', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'RECITATION', 'MODEL_ARMOR'].map((one) => [
      one,
      'refusal',
    ]),
  ])('%s is %s', async (finishReason, expected) => {
    expect((await message([text('a', { finishReason })])).stop_reason).toBe(expected);
  });

  it('without a word says why', async () => {
    const refused = await message([candidate([], { finishReason: 'SAFETY' })]);
    expect(refused).toMatchObject({
      content: [{ type: 'text', text: '' }],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', category: null, explanation: 'Response blocked (SAFETY)' },
    });
  });

  it('of a prompt that Google refuses is a refusal', async () => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 7 } };
    const told = await message([blocked]);
    expect(told.stop_reason).toBe('refusal');
    expect(JSON.stringify(told['stop_details'])).toContain('Google refused this prompt (SAFETY)');
  });

  it.each([
    ['in one piece', ['one END two'], 'one '],
    ['over pieces', ['one E', 'N', 'D two'], 'one '],
    ['at the very end', ['one END'], 'one '],
    ['the first of two', ['a FIN END'], 'a '],
  ])('is where a stop sequence begins: %s (H137)', async (_name, pieces, said) => {
    const stops = ['END', 'FIN', 'never'];
    const chunks = [...pieces.map((piece) => text(piece)), calls(call('f'))];
    const told = await message(chunks, { stops });
    expect(told.content).toEqual([{ type: 'text', text: said }]);
    expect(told).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: said === 'a ' ? 'FIN' : 'END' });
  });

  it('is no cut where only the beginning of a sequence came', async () => {
    const told = await message([text('one EN'), STOP], { stops: ['END'] });
    expect(told).toMatchObject({ content: [{ text: 'one EN' }], stop_reason: 'end_turn', stop_sequence: null });
    const called = await message([text('one EN'), calls(call('f'))], { stops: ['END'] });
    expect(types(called)).toEqual(['text', 'tool_use']);
  });

  it('counts what was used, what was cached apart, thoughts as output (F2)', () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 155,
    };
    const { events, message: told } = stream([{ ...(text('a') as object), usageMetadata }, STOP]);
    const expected = { input_tokens: 65, cache_read_input_tokens: 40, cache_creation_input_tokens: 0 };
    expect(told.usage).toEqual({
      ...{ ...expected, output_tokens: 50, output_tokens_details: { thinking_tokens: 30 } },
      ...{ server_tool_use: null, service_tier: null, speed: null, inference_geo: null },
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    });
    // Some clients add what the end tells to what the beginning told (LangChain).
    expect(events[0]?.['message']).toMatchObject({
      usage: { ...expected, output_tokens: 0, output_tokens_details: { thinking_tokens: 0 } },
    });
  });
});

describe('a fault', () => {
  it('in mid-stream is an error event, and no end', () => {
    const failure = failed('rate_limit_exceeded', 'Slowly.', { retryAfterMs: 3000 });
    const { error, events, message: told } = stream([text('Hel')], {}, createReply().reply, failure);
    expect(error).toEqual({ type: 'rate_limit_error', message: 'Slowly.' });
    expect(events.at(-1)).toMatchObject({ request_id: 'req_1' });
    expect(told.stop_reason).toBeNull();
  });

  it.each([[[]], [[text('a')]], [[thought('a')]]])('an answer without an end is none: %j', async (chunks) => {
    expect(() => streamText(chunks)).toThrow(RelayError);
    await expect(Promise.resolve().then(() => whole(chunks))).rejects.toThrow(RelayError);
  });
});

describe('a search', () => {
  const grounded = text('Norway won. 😀 Twice.', {
    finishReason: 'STOP',
    groundingMetadata: {
      webSearchQueries: ['who won', 'when'],
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
      groundingSupports: [
        { segment: { startIndex: 0, endIndex: 11, text: 'Norway won.' }, groundingChunkIndices: [0] },
      ],
    },
  });

  it('is told in the blocks that Claude Code reads, the findings first where it waits for them', async () => {
    const { content, usage } = await message([grounded], {
      ...{ search: 'web_search', mayCite: true, findingsFirst: true, thinkingBlocks: false, showThoughts: false },
    });
    expect(types({ content })).toEqual(['server_tool_use', 'web_search_tool_result', 'text']);
    expect(content[0]).toMatchObject({ name: 'web_search', input: { query: 'who won; when' } });
    expect(content[1]).toMatchObject({
      tool_use_id: content[0]?.['id'],
      content: [{ type: 'web_search_result', url: 'https://a.example', title: 'A', page_age: null }],
    });
    expect(content[2]).toMatchObject({
      text: 'Norway won. 😀 Twice.',
      citations: [
        { type: 'web_search_result_location', cited_text: 'Norway won.', url: 'https://a.example', title: 'A' },
      ],
    });
    expect(usage).toMatchObject({ server_tool_use: { web_search_requests: 1 } });
  });

  it('does not hold back a stream that nobody waits for', async () => {
    const { content } = await message([grounded], { search: 'web_search', thinkingBlocks: false });
    expect(types({ content })).toEqual(['text', 'server_tool_use', 'web_search_tool_result']);
  });

  it('that the model did not make leaves no trace', async () => {
    const { content, usage } = await message([text('a'), STOP], { search: 'web_search', findingsFirst: true });
    expect(types({ content })).toEqual(['text']);
    expect(usage['server_tool_use']).toBeNull();
  });
});

describe('while Google is silent', () => {
  it('a message begins, and pings follow', async () => {
    const { createMessageStream } = await import('../../../../src/formats/anthropic/messages/encode.ts');
    const encoder = createMessageStream(createReply().reply, READING);
    expect(encoder.heartbeat({})).toContain('event: message_start');
    expect(encoder.heartbeat({})).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  });
});
