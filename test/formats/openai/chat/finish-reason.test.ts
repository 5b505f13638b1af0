import { describe, expect, test } from 'vitest';
import { candidate } from '../../../support/gemini-chunk.ts';
import { call, streamChoice, wholeChoice } from './encoding.ts';

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
    ['CONTINUATION', false, 'length'],
    ['MODEL_ARMOR', false, 'content_filter'],
    ['MISSING_THOUGHT_SIGNATURE', false, 'stop'],
    ['MALFORMED_RESPONSE', false, 'stop'],
    ['ESCALATION', true, 'tool_calls'],
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

test.each(['MALFORMED_RESPONSE', 'MISSING_THOUGHT_SIGNATURE', 'TOO_MANY_TOOL_CALLS', 'UNEXPECTED_TOOL_CALL'])(
  '%s without any content is no answer',
  async (finishReason) => {
    await expect(wholeChoice([candidate([], { finishReason })])).rejects.toThrow(finishReason);
  },
);
