import { describe, expect, test } from 'vitest';
import { RelayError } from '../../../../src/errors.ts';
import type { ChatReading } from '../../../../src/formats/openai/chat/decode.ts';
import { createChatStream, gatherChat } from '../../../../src/formats/openai/chat/encode.ts';
import type { Reply } from '../../../../src/formats/openai/chat/encode.ts';
import type { Chunk } from '../../../../src/gemini/call.ts';
import { createFunctionNames } from '../../../../src/gemini/function-names.ts';
import { createCatalogue } from '../../../../src/gemini/models.ts';
import { checkChatStream } from '../../../support/chat-stream-checker.ts';
import type { StreamExpectations } from '../../../support/chat-stream-checker.ts';
import { candidate, toChunk } from '../../../support/gemini-chunk.ts';

const catalogue = createCatalogue([]);

const READING: ChatReading = {
  resolved: catalogue.resolve('models/gemini-2.5-flash'),
  names: createFunctionNames([]),
  customTools: new Set(),
  wrappedTools: new Set(),
  legacyFunctions: false,
  singleCall: false,
  includeUsage: false,
  stripFence: false,
  imagesAs: 'images',
  showThoughts: true,
  logprobs: false,
  ignored: [],
};

const createReply = () => {
  const remembered: unknown[] = [];
  let minted = 0;
  const reply: Reply = {
    id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAA',
    createdAt: 1_790_000_000,
    newCallId: () => `call_${(minted += 1)}`,
    remember: (call, signature) => remembered.push({ ...call, signature }),
    finished: () => undefined,
  };
  return { reply, remembered };
};

const STOP = { candidates: [{ finishReason: 'STOP', content: { parts: [] } }] };

/** Each chunk in a batch of its own: how they are split must not matter. */
const streamText = (chunks: readonly unknown[], reading: Partial<ChatReading> = {}, reply = createReply().reply) => {
  const stream = createChatStream(reply, { ...READING, ...reading });
  return chunks.map((chunk) => stream.encode([toChunk(chunk)])).join('') + stream.end();
};

const stream = (chunks: readonly unknown[], reading: Partial<ChatReading> = {}, expected: StreamExpectations = {}) =>
  checkChatStream(streamText(chunks, reading), { includeUsage: reading.includeUsage ?? false, ...expected });

const source = async function* (chunks: readonly unknown[]): AsyncGenerator<readonly Chunk[]> {
  for (const chunk of chunks) yield await Promise.resolve([toChunk(chunk)]);
};

interface Whole {
  readonly id: string;
  readonly model: string;
  readonly created: number;
  readonly object: string;
  readonly usage: unknown;
  readonly choices: readonly {
    readonly index: number;
    readonly finish_reason: string;
    readonly native_finish_reason: string;
    readonly logprobs: unknown;
    readonly message: Readonly<Record<string, unknown>>;
  }[];
}

const whole = async (chunks: readonly unknown[], reading: Partial<ChatReading> = {}, reply = createReply().reply) =>
  JSON.parse(await gatherChat(source(chunks), reply, { ...READING, ...reading })) as Whole;

const wholeChoice = async (chunks: readonly unknown[], reading: Partial<ChatReading> = {}) => {
  const [choice] = (await whole(chunks, reading)).choices;
  if (!choice) throw new Error('no choice');
  return choice;
};

const streamChoice = (chunks: readonly unknown[], reading: Partial<ChatReading> = {}) => {
  const [choice] = stream(chunks, reading).choices;
  if (!choice) throw new Error('no choice');
  return choice;
};

const call = (name: string, args: unknown, more: object = {}) => ({ functionCall: { name, args }, ...more });

describe('a whole reply', () => {
  test('H1: a text', async () => {
    expect(await whole([candidate([{ text: 'Hi' }, { text: ' you' }], { finishReason: 'STOP' })])).toEqual({
      id: 'chatcmpl-AAAAAAAAAAAAAAAAAAAAAAAA',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: 'models/gemini-2.5-flash',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi you', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
          native_finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 0,
        completion_tokens: 0,
        total_tokens: 0,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
  });

  test('H21: a call alone has no content, its arguments are text', async () => {
    const { message, finish_reason } = await wholeChoice([
      candidate([call('wx', { c: 'Oslo' })], { finishReason: 'STOP' }),
    ]);
    expect(finish_reason).toBe('tool_calls');
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'wx', arguments: '{"c":"Oslo"}' } }],
    });
  });

  test('H43: a text that was cut by a filter stays', async () => {
    const { message, finish_reason } = await wholeChoice([candidate([{ text: 'half' }], { finishReason: 'SAFETY' })]);
    expect([message['content'], message['refusal'], finish_reason]).toEqual(['half', null, 'content_filter']);
  });

  test('a filter that left nothing is a refusal', async () => {
    const silent = await wholeChoice([{ candidates: [{ finishReason: 'PROHIBITED_CONTENT' }] }]);
    expect(silent.message).toMatchObject({ content: null, refusal: 'Response blocked (PROHIBITED_CONTENT)' });
    const told = await wholeChoice([{ candidates: [{ finishReason: 'SAFETY', finishMessage: 'No.' }] }]);
    expect(told.message).toMatchObject({ content: null, refusal: 'No.' });
    expect(told.finish_reason).toBe('content_filter');
  });

  test('H45: thoughts that used up all tokens leave an empty text', async () => {
    const { message, finish_reason } = await wholeChoice([candidate([{ text: '' }], { finishReason: 'MAX_TOKENS' })]);
    expect([message['content'], finish_reason]).toEqual(['', 'length']);
  });

  test('several choices stand in order', async () => {
    const { choices } = await whole([
      {
        candidates: [
          { index: 1, finishReason: 'STOP', content: { parts: [{ text: 'b' }] } },
          { index: 0, finishReason: 'MAX_TOKENS', content: { parts: [{ text: 'a' }] } },
        ],
      },
    ]);
    expect(choices.map(({ index, message, finish_reason }) => [index, message['content'], finish_reason])).toEqual([
      [0, 'a', 'length'],
      [1, 'b', 'stop'],
    ]);
  });
});

describe('finish_reason', () => {
  test.each([
    ['STOP', false, 'stop'],
    ['STOP', true, 'tool_calls'],
    ['FINISH_REASON_UNSPECIFIED', false, 'stop'],
    ['MAX_TOKENS', false, 'length'],
    ['MAX_TOKENS', true, 'length'],
    ['SAFETY', true, 'content_filter'],
    ['RECITATION', false, 'content_filter'],
    ['BLOCKLIST', false, 'content_filter'],
    ['PROHIBITED_CONTENT', false, 'content_filter'],
    ['SPII', false, 'content_filter'],
    ['LANGUAGE', false, 'content_filter'],
    ['IMAGE_SAFETY', false, 'content_filter'],
    ['IMAGE_PROHIBITED_CONTENT', false, 'content_filter'],
    ['IMAGE_RECITATION', false, 'content_filter'],
    ['OTHER', false, 'stop'],
    ['IMAGE_OTHER', false, 'stop'],
    ['NO_IMAGE', false, 'stop'],
    ['TOO_MANY_TOOL_CALLS', true, 'tool_calls'],
    ['MALFORMED_FUNCTION_CALL', false, 'stop'],
    ['SOMETHING_NEW', false, 'stop'],
  ])('%s, calls: %s → %s', async (finishReason, calls, expected) => {
    const parts = [{ text: 'x' }, ...(calls ? [call('f', {})] : [])];
    const choice = await wholeChoice([candidate(parts, { finishReason })]);
    expect(choice.finish_reason).toBe(expected);
    expect(choice.native_finish_reason).toBe(finishReason.toLowerCase());
    expect(streamChoice([candidate(parts, { finishReason })]).finishReason).toBe(expected);
  });
});

describe('usage', () => {
  test('H29: tool prompts and thoughts count, cached tokens are not taken off', async () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 155,
    };
    const expected = {
      prompt_tokens: 105,
      completion_tokens: 50,
      total_tokens: 155,
      prompt_tokens_details: { cached_tokens: 40 },
      completion_tokens_details: { reasoning_tokens: 30 },
    };
    expect((await whole([STOP, { usageMetadata }])).usage).toEqual(expected);
    expect(stream([STOP, { usageMetadata }], { includeUsage: true }).usage).toEqual(expected);
  });

  test('a missing total is the sum; audio is told where Google tells it', async () => {
    const usageMetadata = {
      promptTokenCount: 7,
      candidatesTokenCount: 2,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 3 },
        { modality: 'AUDIO', tokenCount: 4 },
      ],
    };
    expect((await whole([{ ...STOP, usageMetadata }])).usage).toEqual({
      prompt_tokens: 7,
      completion_tokens: 2,
      total_tokens: 9,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
  });

  test('counts are totals so far: the last one stands', () => {
    const chunks = [1, 2, 3].map((count) => ({
      ...(candidate([{ text: 'x' }]) as object),
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: count },
    }));
    const { usage } = stream([...chunks, STOP], { includeUsage: true });
    expect(usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 });
  });

  test('H27: asked for, it is null until its own last chunk; not asked for, there is no key', () => {
    const asked = stream([candidate([{ text: 'x' }]), STOP], { includeUsage: true });
    expect(asked.chunks.at(-1)).toMatchObject({ id: asked.id, choices: [] });
    expect(asked.chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(stream([candidate([{ text: 'x' }]), STOP]).chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });
});

describe('a streamed reply', () => {
  test('H41: role, reasoning, content, end', async () => {
    const chunks = [candidate([{ text: 'a', thought: true }, { text: 'b' }]), STOP];
    const choice = streamChoice(chunks);
    expect(choice.order).toEqual(['role', 'reasoning', 'content', 'finish']);
    expect([choice.reasoning, choice.content]).toEqual(['a', 'b']);
    expect((await wholeChoice(chunks)).message).toEqual({
      role: 'assistant',
      content: 'b',
      refusal: null,
      reasoning_content: 'a',
    });
  });

  test('thoughts stay away where they are not wanted', () => {
    expect(
      streamChoice([candidate([{ text: 'a', thought: true }, { text: 'b' }]), STOP], { showThoughts: false }),
    ).toMatchObject({ reasoning: '', content: 'b' });
  });

  test('there is nothing to send before the first event', () => {
    const encoder = createChatStream(createReply().reply, READING);
    expect(encoder.encode([toChunk({ usageMetadata: { promptTokenCount: 3 } })])).toBe('');
    expect(encoder.encode([toChunk(candidate([{ text: '' }]))])).toBe('');
    expect(encoder.encode([toChunk(candidate([{ text: 'x' }]))])).toContain('"role":"assistant"');
  });

  test('H53: calls of one chunk are numbered, only the signed one carries its signature', () => {
    const parts = [call('wx', { c: 'Oslo' }, { thoughtSignature: 'QUJD' }), call('wx', { c: 'Rome' })];
    const { toolCalls, finishReason } = streamChoice([candidate(parts, { finishReason: 'STOP' })]);
    expect(toolCalls).toEqual([
      {
        index: 0,
        id: 'call_1',
        type: 'function',
        function: { name: 'wx', arguments: '{"c":"Oslo"}' },
        extra_content: { google: { thought_signature: 'QUJD' } },
      },
      { index: 1, id: 'call_2', type: 'function', function: { name: 'wx', arguments: '{"c":"Rome"}' } },
    ]);
    expect(finishReason).toBe('tool_calls');
  });

  test('calls are numbered over all chunks', () => {
    const chunks = [candidate([call('a', {})]), candidate([{ text: 'and' }]), candidate([call('b', {})]), STOP];
    expect(streamChoice(chunks).toolCalls.map(({ index }) => index)).toEqual([0, 1]);
  });

  test('H99: a signature behind the text is told before the end, without an empty delta', async () => {
    const chunks = [
      candidate([{ text: 'hi' }]),
      candidate([{ text: '', thoughtSignature: 'QUJD' }], { finishReason: 'STOP' }),
    ];
    expect(streamChoice(chunks)).toMatchObject({
      order: ['role', 'content', 'signature', 'finish'],
      signature: 'QUJD',
    });
    expect((await wholeChoice(chunks)).message['extra_content']).toEqual({ google: { thought_signature: 'QUJD' } });
  });

  test('H105: usage behind the end: one finish chunk, the last usage', () => {
    const { choices, usage } = stream(
      [
        candidate([{ text: 'x' }], { finishReason: 'STOP' }),
        { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } },
        { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 5 } },
      ],
      { includeUsage: true },
    );
    expect(choices[0]?.finishReason).toBe('stop');
    expect(usage).toMatchObject({ completion_tokens: 5 });
  });

  test('text behind the end of a candidate still counts', () => {
    expect(
      streamChoice([candidate([{ text: 'a' }], { finishReason: 'STOP' }), candidate([{ text: 'b' }])]).content,
    ).toBe('ab');
  });

  test('H111: choices come mixed, each with role, text and end; one usage chunk', () => {
    const both = (one: string, other: string) => ({
      candidates: [{ content: { parts: [{ text: one }] } }, { content: { parts: [{ text: other }] } }],
    });
    const ends = { candidates: [{ finishReason: 'STOP' }, { finishReason: 'MAX_TOKENS' }] };
    const { choices, usage } = stream([both('a', 'x'), both('b', 'y'), ends], { includeUsage: true }, { n: 2 });
    expect(choices.map(({ content, finishReason, order }) => [content, finishReason, order])).toEqual([
      ['ab', 'stop', ['role', 'content', 'finish']],
      ['xy', 'length', ['role', 'content', 'finish']],
    ]);
    expect(usage).toBeDefined();
  });

  test('an end without any part is an empty answer', async () => {
    expect(streamChoice([STOP])).toMatchObject({ order: ['role', 'finish'], finishReason: 'stop' });
    expect((await wholeChoice([STOP])).message['content']).toBe('');
  });
});

describe('answers that are none', () => {
  const reasonOf = (run: () => unknown): string | undefined => {
    try {
      run();
    } catch (error) {
      if (error instanceof RelayError) return `${error.status} ${error.reason ?? ''}`;
      throw error;
    }
    return undefined;
  };

  test('a refused prompt is told before any byte, with the reason', async () => {
    const encoder = createChatStream(createReply().reply, READING);
    const blocked = { promptFeedback: { blockReason: 'SAFETY' } };
    expect(() => encoder.encode([toChunk(blocked)])).toThrow(/SAFETY/);
    expect(reasonOf(() => encoder.encode([toChunk(blocked)]))).toBe('400 content_filter');
    await expect(whole([blocked])).rejects.toMatchObject({
      reason: 'content_filter',
      param: 'messages',
      retryable: false,
    });
  });

  test('H107: an end without a reason is an error, not a stop', async () => {
    const encoder = createChatStream(createReply().reply, READING);
    const text = encoder.encode([toChunk(candidate([{ text: 'half' }]))]);
    expect(reasonOf(() => encoder.end())).toBe('502 upstream_incomplete');
    const frame = encoder.fail(new RelayError('UNAVAILABLE', 'ended', { status: 502, reason: 'upstream_incomplete' }));
    const checked = checkChatStream(text + frame, { fails: true });
    expect(checked.error).toMatchObject({ code: 'upstream_incomplete', type: 'server_error' });
    expect(checked.choices[0]).toMatchObject({ content: 'half', finishReason: undefined });
    await expect(whole([candidate([{ text: 'half' }])])).rejects.toMatchObject({ reason: 'upstream_incomplete' });
  });

  test('one of two choices without an end spoils the answer', () => {
    const encoder = createChatStream(createReply().reply, READING);
    encoder.encode([toChunk({ candidates: [{ finishReason: 'STOP' }, { content: { parts: [{ text: 'x' }] } }] })]);
    expect(reasonOf(() => encoder.end())).toBe('502 upstream_incomplete');
  });

  test('nothing at all', async () => {
    expect(reasonOf(() => streamText([{ usageMetadata: {} }]))).toBe('502 upstream_empty_response');
    await expect(whole([])).rejects.toMatchObject({ reason: 'upstream_empty_response' });
  });

  test.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'])(
    'H141: %s without anything usable is an error, with text a stop',
    async (finishReason) => {
      const empty = candidate([], { finishReason });
      expect(reasonOf(() => streamText([empty]))).toBe('502 upstream_malformed_function_call');
      await expect(whole([empty])).rejects.toMatchObject({ status: 502, reason: 'upstream_malformed_function_call' });
      expect(streamChoice([candidate([{ text: 'x' }], { finishReason })]).finishReason).toBe('stop');
    },
  );
});

describe('tool calls', () => {
  test.each([
    ['kept', 'fc-1_A', 'fc-1_A'],
    ['with odd letters', 'a.b', 'call_1'],
    ['too long', 'x'.repeat(41), 'call_1'],
    ['empty', '', 'call_1'],
  ])('an id from Google: %s', async (_name, id, expected) => {
    const part = { functionCall: { id, name: 'f', args: {} } };
    const { message } = await wholeChoice([candidate([part], { finishReason: 'STOP' })]);
    expect(message['tool_calls']).toMatchObject([{ id: expected }]);
  });

  test('an id that comes twice is replaced the second time, also across choices', async () => {
    const part = { functionCall: { id: 'same', name: 'f', args: {} } };
    const one = { finishReason: 'STOP', content: { parts: [part, part] } };
    const { choices } = await whole([{ candidates: [one, one] }]);
    expect(choices.map(({ message }) => message['tool_calls'])).toMatchObject([
      [{ id: 'same' }, { id: 'call_1' }],
      [{ id: 'call_2' }, { id: 'call_3' }],
    ]);
  });

  test('H71, H73: names go back as the client wrote them', () => {
    const names = createFunctionNames(['my/tool', '2fa']);
    const parts = [call(names.toGemini('my/tool'), {}), call(names.toGemini('2fa'), {})];
    const { toolCalls } = streamChoice([candidate(parts, { finishReason: 'STOP' })], { names });
    expect(toolCalls.map((toolCall) => toolCall.function?.name)).toEqual(['my/tool', '2fa']);
  });

  test('H89: without parallel calls only the first stays, with its signature', async () => {
    const chunks = [
      candidate([call('a', {}, { thoughtSignature: 'QUJD' }), call('b', {})]),
      candidate([call('c', {})]),
      STOP,
    ];
    const { toolCalls } = streamChoice(chunks, { singleCall: true });
    expect(toolCalls).toMatchObject([
      { function: { name: 'a' }, extra_content: { google: { thought_signature: 'QUJD' } } },
    ]);
    expect((await wholeChoice(chunks, { singleCall: true })).message['tool_calls']).toHaveLength(1);
  });

  test('functions of old: one call, in its own field', async () => {
    const chunks = [candidate([call('a', { x: 1 }), call('b', {})], { finishReason: 'STOP' })];
    const choice = streamChoice(chunks, { legacyFunctions: true });
    expect(choice).toMatchObject({
      functionCall: { name: 'a', arguments: '{"x":1}' },
      toolCalls: [],
      finishReason: 'function_call',
    });
    expect(await wholeChoice(chunks, { legacyFunctions: true })).toMatchObject({
      message: { content: null, function_call: { name: 'a', arguments: '{"x":1}' } },
      finish_reason: 'function_call',
    });
  });

  test('custom tools get their input as text', () => {
    const chunks = [candidate([call('patch', { input: 'a "b"\n' }), call('patch', { other: 1 })]), STOP];
    expect(streamChoice(chunks, { customTools: new Set(['patch']) }).toolCalls).toEqual([
      { index: 0, id: 'call_1', type: 'custom', custom: { name: 'patch', input: 'a "b"\n' } },
      { index: 1, id: 'call_2', type: 'custom', custom: { name: 'patch', input: '{"other":1}' } },
    ]);
  });

  test('arguments of a wrapped schema come out of their wrapping, digit by digit', () => {
    const text =
      '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"value":[1.0,{"a":2}]}}}]}}]}';
    const { toolCalls } = streamChoice([text, STOP], { wrappedTools: new Set(['f']) });
    expect(toolCalls[0]?.function?.arguments).toBe('[1.0,{"a":2}]');
  });

  test('signatures are remembered under what the client will bring back', () => {
    const { reply, remembered } = createReply();
    const chunks = [candidate([call('f', { value: 1 }, { thoughtSignature: 'QUJD' }), call('g', {})]), STOP];
    streamText(chunks, { wrappedTools: new Set(['f']) }, reply);
    expect(remembered).toEqual([{ id: 'call_1', name: 'f', args: '1', signature: 'QUJD' }]);
  });
});

describe('what is no text', () => {
  const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const URL = 'data:image/png;base64,AAAA';

  test('H143: images in a field of their own, with their signatures', async () => {
    const chunks = [candidate([{ text: 'see' }, { ...image, thoughtSignature: 'QUJD' }, image]), STOP];
    const images = [
      {
        type: 'image_url',
        index: 0,
        image_url: { url: URL },
        extra_content: { google: { thought_signature: 'QUJD' } },
      },
      { type: 'image_url', index: 1, image_url: { url: URL } },
    ];
    expect(streamChoice(chunks)).toMatchObject({ images, content: 'see' });
    expect((await wholeChoice(chunks)).message).toMatchObject({ images, content: 'see' });
    expect((await wholeChoice([candidate([image], { finishReason: 'STOP' })])).message['content']).toBe('');
  });

  test('H143: images as markdown, with a blank line around', () => {
    const chunks = [candidate([{ text: 'see' }, image, { text: 'there' }, image]), STOP];
    expect(streamChoice(chunks, { imagesAs: 'markdown' }).content).toBe(
      `see\n\n![image](${URL})\n\nthere\n\n![image](${URL})`,
    );
  });

  test('other media is a link', () => {
    const sound = { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } };
    expect(streamChoice([candidate([sound]), STOP]).content).toBe('[audio/wav](data:audio/wav;base64,AAAA)');
  });

  test('code and its result are fenced blocks', () => {
    const parts = [
      { text: 'Run:' },
      { executableCode: { language: 'PYTHON', code: 'print("```")' } },
      { codeExecutionResult: { outcome: 'OUTCOME_FAILED', output: 'no\n' } },
      { text: 'Sorry.' },
    ];
    expect(streamChoice([candidate(parts), STOP]).content).toBe(
      'Run:\n\n````python\nprint("```")\n````\n\n```output\nno\n```\n(failed)\n\nSorry.',
    );
  });

  test('logprobs, chosen and top', async () => {
    const logprobsResult = {
      chosenCandidates: [{ token: 'é', tokenId: 1, logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'é', logProbability: -0.5 },
            { token: 'e', logProbability: -2 },
          ],
        },
      ],
    };
    const expected = [
      {
        token: 'é',
        logprob: -0.5,
        bytes: [195, 169],
        top_logprobs: [
          { token: 'é', logprob: -0.5, bytes: [195, 169] },
          { token: 'e', logprob: -2, bytes: [101] },
        ],
      },
    ];
    const chunks = [
      candidate([{ text: 'é' }], { logprobsResult }),
      candidate([], { logprobsResult, finishReason: 'STOP' }),
    ];
    expect((await wholeChoice(chunks, { logprobs: true })).logprobs).toEqual({
      content: [...expected, ...expected],
      refusal: null,
    });
    expect(streamChoice(chunks, { logprobs: true }).logprobs).toEqual([...expected, ...expected]);
    expect((await wholeChoice(chunks)).logprobs).toBeNull();
  });
});

describe('JSON without its fence', () => {
  const JSON_TEXT = '{"a":"``` inside"}';

  test.each([
    ['a fence with a language', `\`\`\`json\n${JSON_TEXT}\n\`\`\``, JSON_TEXT],
    ['a fence without', `\`\`\`\n${JSON_TEXT}\n\`\`\`\n`, JSON_TEXT],
    ['a fence on one line', `\`\`\`${JSON_TEXT}\`\`\``, JSON_TEXT],
    ['white space before', `\n \`\`\`json \n${JSON_TEXT}\n\`\`\`  `, JSON_TEXT],
    ['no fence', JSON_TEXT, JSON_TEXT],
    ['inline code', '`a` is `b`', '`a` is `b`'],
    ['a fence that never closes', `\`\`\`json\n${JSON_TEXT}`, JSON_TEXT],
    ['a text with a fence inside', 'See ```x``` there', 'See ```x``` there'],
    ['nothing but a fence', '```', '```'],
    ['only white space', ' \n', ' \n'],
  ])('H83: %s, whole and letter by letter', async (_name, text, expected) => {
    const letters = Array.from(text, (letter) => candidate([{ text: letter }]));
    expect(streamChoice([...letters, STOP], { stripFence: true }).content).toBe(expected);
    const chunks = [candidate([{ text }], { finishReason: 'STOP' })];
    expect((await wholeChoice(chunks, { stripFence: true })).message['content']).toBe(expected);
    expect((await wholeChoice(chunks)).message['content']).toBe(text);
  });
});

describe('citations', () => {
  const citation = (start_index: number, end_index: number, url: string, title: string) => ({
    type: 'url_citation',
    url_citation: { start_index, end_index, url, title },
  });
  const web = (uri: string, title?: string) => ({ web: { uri, title } });

  test('H85, H145: bytes of the text become characters, one citation for each passage and source', async () => {
    const text = 'é€😀 text';
    const groundingMetadata = {
      groundingChunks: [web('https://a.example/x', 'A'), web('https://b.example/y'), web('https://c.example/z', 'C')],
      groundingSupports: [
        { segment: { endIndex: 5 }, groundingChunkIndices: [0] },
        { segment: { startIndex: 10, endIndex: 14, text: 'text' }, groundingChunkIndices: [0, 1] },
      ],
    };
    const annotations = [
      citation(0, 2, 'https://a.example/x', 'A'),
      citation(5, 9, 'https://a.example/x', 'A'),
      citation(5, 9, 'https://b.example/y', 'b.example'),
      citation(0, 0, 'https://c.example/z', 'C'),
    ];
    const chunks = [
      candidate([{ text: 'é€' }]),
      candidate([{ text: '😀 text' }]),
      candidate([], { groundingMetadata, finishReason: 'STOP' }),
    ];
    const choice = streamChoice(chunks);
    expect(choice.content).toBe(text);
    expect(choice.annotations).toEqual(annotations);
    expect(choice.order).toEqual(['role', 'content', 'annotations', 'finish']);
    expect((await wholeChoice(chunks)).message['annotations']).toEqual(annotations);
  });

  test('a segment counts within its part', async () => {
    const parts = [{ text: 'plan', thought: true }, { text: 'ééé ' }, { text: 'fact.' }];
    const groundingMetadata = {
      groundingChunks: [web('https://a.example', 'A')],
      groundingSupports: [{ segment: { partIndex: 2, startIndex: 0, endIndex: 4 }, groundingChunkIndices: [0] }],
    };
    const { message } = await wholeChoice([candidate(parts, { groundingMetadata, finishReason: 'STOP' })]);
    expect(message['annotations']).toEqual([citation(4, 8, 'https://a.example', 'A')]);
  });

  test('the words of a passage decide where something of ours stands between', async () => {
    const parts = [{ text: 'one ' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }, { text: 'two' }];
    const groundingMetadata = {
      groundingChunks: [web('https://a.example', 'A')],
      groundingSupports: [{ segment: { startIndex: 4, endIndex: 7, text: 'two' }, groundingChunkIndices: [0] }],
    };
    const { message } = await wholeChoice([candidate(parts, { groundingMetadata, finishReason: 'STOP' })], {
      imagesAs: 'markdown',
    });
    const [annotation] = message['annotations'] as { url_citation: { start_index: number; end_index: number } }[];
    const { start_index, end_index } = annotation?.url_citation ?? { start_index: 0, end_index: 0 };
    expect((message['content'] as string).slice(start_index, end_index)).toBe('two');
  });

  test.each(['citationSources', 'citations'])('recited passages, as %s', async (key) => {
    const citationMetadata = { [key]: [{ startIndex: 2, endIndex: 5, uri: 'https://r.example/1' }, { endIndex: 3 }] };
    const { message } = await wholeChoice([
      candidate([{ text: 'é quoted' }], { citationMetadata, finishReason: 'STOP' }),
    ]);
    expect(message['annotations']).toEqual([citation(1, 4, 'https://r.example/1', 'r.example')]);
  });

  test('odd places do no harm', async () => {
    const groundingMetadata = {
      groundingChunks: [{}, web('not a url')],
      groundingSupports: [
        { segment: { startIndex: 90, endIndex: 99, text: 'nowhere' }, groundingChunkIndices: [0, 1, 7] },
        {},
      ],
    };
    const { message } = await wholeChoice([candidate([{ text: 'abc' }], { groundingMetadata, finishReason: 'STOP' })]);
    expect(message['annotations']).toEqual([citation(3, 3, 'not a url', 'not a url')]);
  });
});
