import { describe, expect, test } from 'vitest';
import { candidate } from '../../../support/gemini-chunk.ts';
import { STOP, stream, whole } from './encoding.ts';

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

  test('a missing total is the sum; modalities are told where Google tells them', async () => {
    const usageMetadata = {
      promptTokenCount: 7,
      candidatesTokenCount: 2,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 3 },
        { modality: 'AUDIO', tokenCount: 1 },
        { modality: 'AUDIO', tokenCount: 3 },
      ],
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 2 }],
    };
    expect((await whole([{ ...STOP, usageMetadata }])).usage).toEqual({
      prompt_tokens: 7,
      completion_tokens: 2,
      total_tokens: 9,
      prompt_tokens_details: { cached_tokens: 0, text_tokens: 3, audio_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 0, image_tokens: 2 },
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
