import { describe, expect, test } from 'vitest';
import { createFunctionNames } from '../../../../src/gemini/function-names.ts';
import { candidate } from '../../../support/gemini-chunk.ts';
import { call, createReply, STOP, streamChoice, streamText, whole, wholeChoice } from './encoding.ts';

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

  test('a call without a name is no call', async () => {
    const parts = [{ functionCall: { args: {} } }, { functionCall: { name: '', args: {} } }, { text: 'Hello' }];
    const chunks = [candidate(parts, { finishReason: 'STOP' })];
    const { message, finish_reason } = await wholeChoice(chunks);
    expect(message).not.toHaveProperty('tool_calls');
    expect([message['content'], finish_reason]).toEqual(['Hello', 'stop']);
    expect(streamChoice(chunks)).toMatchObject({ content: 'Hello', finishReason: 'stop' });
  });

  test.each([[null], [undefined], ['text'], [7], [[1]]])('arguments that are no object (%j) are none', async (args) => {
    const { message } = await wholeChoice([candidate([call('f', args)], { finishReason: 'STOP' })]);
    expect(message['tool_calls']).toMatchObject([{ function: { name: 'f', arguments: '{}' } }]);
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
    const choice = streamChoice(chunks, { legacyFunctions: true, singleCall: true });
    expect(choice).toMatchObject({
      functionCall: { name: 'a', arguments: '{"x":1}' },
      toolCalls: [],
      finishReason: 'function_call',
    });
    expect(await wholeChoice(chunks, { legacyFunctions: true, singleCall: true })).toMatchObject({
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
