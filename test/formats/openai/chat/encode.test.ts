import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RelayError, toRelayError } from '../../../../src/errors.ts';
import type { Chunk } from '../../../../src/gemini/call.ts';
import { createChatStream, gatherChat } from '../../../../src/formats/openai/chat/encode.ts';
import { checkChatStream } from '../../../support/chat-stream-checker.ts';
import { collectGarbage, collectYoungGarbage } from '../../../support/garbage.ts';
import { candidate, toChunk } from '../../../support/gemini-chunk.ts';
import { call, createReply, READING, STOP, stream, streamChoice, streamText, whole, wholeChoice } from './encoding.ts';

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

test('what a chunk is known to say is sent as its reading would be', async () => {
  const step = fc.record({
    kind: fc.constantFrom('text' as const, 'thought' as const),
    candidate: fc.nat(1),
    partIndex: fc.nat(2),
    text: fc.oneof(fc.string({ minLength: 1, unit: 'binary' }), fc.constantFrom('```json\n', '{}', '\n', '```')),
    hasUsage: fc.boolean(),
    image: fc.boolean(),
  });
  const reading = fc.record({ stripFence: fc.boolean(), showThoughts: fc.boolean(), includeUsage: fc.boolean() });
  const end = toChunk({ candidates: [0, 1].map((index) => ({ index, finishReason: 'STOP' })) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), reading, async (steps, more) => {
      const options = { ...READING, ...more, imagesAs: 'markdown' as const };
      const plain = steps.map(({ kind, candidate: index, partIndex, text, hasUsage, image }, place) => {
        const part = { text, ...(kind === 'thought' && { thought: true }) };
        const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
        return toChunk({
          candidates: [{ index, content: { parts: [...Array<object>(partIndex).fill(image ? picture : {}), part] } }],
          ...(hasUsage && { usageMetadata: { promptTokenCount: place } }),
        });
      });
      const known = plain.map((chunk, place): Chunk => {
        const step = steps[place];
        // A picture in front of the text is more than a text.
        if (!step || (step.image && step.partIndex > 0)) return chunk;
        const { kind, candidate, partIndex, text, hasUsage } = step;
        const isPlain = JSON.stringify(text) === `"${text}"`;
        return { ...chunk, more: { place: { kind, candidate, partIndex, hasUsage }, text, isPlain } };
      });
      const streamed = (chunks: readonly Chunk[]) => {
        const encoder = createChatStream(createReply().reply, options);
        return encoder.encode([...chunks, end]) + encoder.end();
      };
      const gathered = (chunks: readonly Chunk[]) =>
        gatherChat(
          (async function* () {
            yield await Promise.resolve([...chunks, end]);
          })(),
          createReply().reply,
          options,
        );
      expect(streamed(known)).toBe(streamed(plain));
      expect(await gathered(known)).toBe(await gathered(plain));
    }),
  );
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
    const error: unknown = await whole([blocked]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'content_filter', retryable: false });
    expect(encoder.fail(toRelayError(error))).toContain('"param":"messages"');
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

test('what a stream keeps for its citations goes with young garbage, however long its start was waited for', async () => {
  const tell = async (): Promise<void> => {
    const encoder = createChatStream(createReply().reply, READING);
    await collectYoungGarbage();
    encoder.encode([toChunk(candidate([{ text: 'x'.repeat(400_000) }]))]);
    encoder.encode([toChunk(STOP)]);
    encoder.end();
  };
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  await tell();
  await collectYoungGarbage();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200_000);
});
