import { describe, expect, test } from 'vitest';
import { readUsage, sumOfUsage, usageOfEmbedding } from '../../src/gemini/usage.ts';
import type { TokenUsage } from '../../src/gemini/usage.ts';
import type { UsageMetadata } from '../../src/gemini/types.ts';

const NOTHING: TokenUsage = { input: 0, cached: 0, output: 0, thoughts: 0, total: 0, inputBy: {}, outputBy: {} };

describe('what Google counted', () => {
  test.each<[string, UsageMetadata | undefined, Partial<TokenUsage>]>([
    ['nothing', undefined, {}],
    ['no counts', {}, {}],
    [
      'thoughts come out, what tools fetched goes in, cached tokens are part of it',
      {
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        toolUsePromptTokenCount: 5,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 30,
        totalTokenCount: 155,
      },
      { input: 105, cached: 40, output: 50, thoughts: 30, total: 155 },
    ],
    ['thoughts alone', { promptTokenCount: 3, thoughtsTokenCount: 9 }, { input: 3, output: 9, thoughts: 9, total: 12 }],
    [
      'counts below zero, and what is no count',
      {
        promptTokenCount: -3,
        candidatesTokenCount: 7,

        totalTokenCount: -1,
        promptTokensDetails: [{ modality: 'TEXT', tokenCount: -3 }],
      },
      { output: 7, total: 7 },
    ],
    [
      'counts that are no whole number, or beyond all numbers of Google',
      { promptTokenCount: 1.5, candidatesTokenCount: 1e308, thoughtsTokenCount: 2 ** 31, totalTokenCount: 3 },
      { total: 3 },
    ],
    [
      'two entries of one modality, in one list or in two',
      {
        promptTokensDetails: [
          { modality: 'IMAGE', tokenCount: 258 },
          { modality: 'TEXT', tokenCount: 4 },
          { modality: 'IMAGE', tokenCount: 258 },
        ],
        toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 6 }],
        candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 0 }],
      },
      { inputBy: { image: 516, text: 10 }, outputBy: { audio: 0 } },
    ],
    [
      'modalities without a name of ours, and lists that are none',
      {
        promptTokensDetails: [{ modality: 'SMELL', tokenCount: 1 }, { tokenCount: 2 }, null, { modality: 'toString' }],
        candidatesTokensDetails: 'none',
      },
      {},
    ],
  ])('%s', (_name, usageMetadata, expected) => {
    expect(readUsage(usageMetadata)).toEqual({ ...NOTHING, ...expected });
  });

  test('several are added up', () => {
    const one = readUsage({ promptTokenCount: 3, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 3 }] });
    const other = readUsage({
      candidatesTokenCount: 2,
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 2 }],
    });
    expect(sumOfUsage([one, other, one])).toEqual({
      ...NOTHING,
      ...{ input: 6, output: 2, total: 8, inputBy: { text: 6 }, outputBy: { image: 2 } },
    });
    expect(sumOfUsage([])).toEqual(NOTHING);
  });
});

describe('embeddings', () => {
  const requests = [
    { content: { parts: [{ text: 'abcdefgh' }] } },
    { content: { parts: [{ text: 'a' }, { text: 'b' }] } },
  ];
  const values = [0.5];

  test.each<[string, Parameters<typeof usageOfEmbedding>[1], number]>([
    ['counted for all', { embeddings: [{ values }], usageMetadata: { promptTokenCount: 9 } }, 9],
    [
      'counted for each (Vertex AI)',
      {
        embeddings: [
          { values, statistics: { token_count: 4 } },
          { values, statistics: { token_count: 3 } },
        ],
      },
      7,
    ],
    ['not counted: four letters make a token', { embeddings: [{ values }, { values }] }, 4],
  ])('%s', (_name, answer, input) => {
    expect(usageOfEmbedding(requests, answer)).toEqual({ ...NOTHING, input, total: input });
  });
});
