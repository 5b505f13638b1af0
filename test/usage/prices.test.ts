import { describe, expect, test } from 'vitest';
import { readUsage } from '../../src/gemini/usage.ts';
import { costOf, PRICES, pricesOf } from '../../src/usage/prices.ts';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const MILLION = 1_000_000;

const usd = (model: string, usage: Parameters<typeof readUsage>[0], time = NOW): number | undefined => {
  const nanos = costOf(pricesOf(model), time, readUsage(usage));
  return nanos === undefined ? undefined : nanos / 1e9;
};

describe('what a call has cost', () => {
  test.each<[string, string, Parameters<typeof readUsage>[0], number]>([
    ['a prompt', 'gemini-2.5-flash', { promptTokenCount: MILLION }, 0.3],
    ['thoughts are output', 'gemini-2.5-flash', { candidatesTokenCount: 400_000, thoughtsTokenCount: 600_000 }, 2.5],
    [
      'cached tokens are part of the prompt, at a price of their own',
      'gemini-2.5-flash',
      { promptTokenCount: MILLION, cachedContentTokenCount: 800_000 },
      0.2 * 0.3 + 0.8 * 0.03,
    ],
    ['a prompt of 200,000 tokens', 'gemini-2.5-pro', { promptTokenCount: 200_000, candidatesTokenCount: 1000 }, 0.26],
    ['one token more: all of the call costs more', 'gemini-2.5-pro', longCall(200_001), 0.200001 * 2.5 + 0.001 * 15],
    [
      'a long prompt from the cache',
      'gemini-3.1-pro-preview',
      { promptTokenCount: 300_000, cachedContentTokenCount: 300_000 },
      0.12,
    ],
    [
      'sound costs more than text',
      'gemini-2.5-flash',
      { promptTokenCount: MILLION, promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 500_000 }] },
      0.5 * 0.3 + 0.5 * 1,
    ],
    [
      'a picture',
      'gemini-2.5-flash-image',
      {
        promptTokenCount: 0,
        candidatesTokenCount: 1290,
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
      },
      0.0387,
    ],
    ['a text said aloud', 'gemini-3.8-flash-tts', { promptTokenCount: MILLION, candidatesTokenCount: MILLION }, 9.5],
    [
      'a live turn: each kind at its price',
      'gemini-3.1-flash-live-preview',
      {
        promptTokenCount: 4 * MILLION,
        promptTokensDetails: [
          { modality: 'AUDIO', tokenCount: MILLION },
          { modality: 'VIDEO', tokenCount: MILLION },
          { modality: 'IMAGE', tokenCount: MILLION },
        ],
        responseTokenCount: 3 * MILLION,
        responseTokensDetails: [
          { modality: 'AUDIO', tokenCount: MILLION },
          { modality: 'TEXT', tokenCount: 2 * MILLION },
        ],
      },
      3 + 2 * 1 + 0.75 + 12 + 2 * 4.5,
    ],
    ['a dated name', 'gemini-2.5-flash-preview-09-2025', { promptTokenCount: MILLION }, 0.3],
    ['a numbered name', 'gemini-2.5-pro-001', { promptTokenCount: 100_000 }, 0.125],
    ['a name that ends in a number', 'gemini-embedding-001', { promptTokenCount: MILLION }, 0.15],
    ['nothing at all', 'gemini-2.5-pro', {}, 0],
  ])('%s', (_name, model, usage, dollars) => {
    expect(usd(model, usage)).toBeCloseTo(dollars, 9);
  });

  test('what nobody knows is not 0', () => {
    expect(usd('gemini-9-ultra', { promptTokenCount: 1 })).toBeUndefined();
    expect(usd('gemma-4-31b-it', { promptTokenCount: 1 })).toBeUndefined();
    // Its name begins like one that is known.
    expect(usd('gemini-2.5-flash-preview-voice', { promptTokenCount: 1 })).toBeUndefined();
    // Whether it was sound was not told.
    expect(usd('gemini-3.1-flash-live-preview', { responseTokenCount: 5 })).toBeUndefined();
    expect(usd('gemini-2.5-flash-image', { candidatesTokenCount: 1290 })).toBeUndefined();
    expect(usd('constructor', { promptTokenCount: 1 })).toBeUndefined();
  });

  test('the price of the day', () => {
    const at = (day: string): number | undefined =>
      usd('gemini-3.6-flash', { promptTokenCount: MILLION }, Date.parse(`${day}T23:59:59.999Z`));
    expect(['2026-07-20', '2026-07-21', '2026-09-29', '2026-09-30', '2026-12-31', '2027-01-01'].map(at)).toEqual([
      undefined,
      1.5,
      1.5,
      0.75,
      0.75,
      1.5,
    ]);
  });

  test('more cached tokens than the prompt has, as Google has counted, never cost less than nothing', () => {
    expect(usd('gemini-2.5-flash', { promptTokenCount: 10, cachedContentTokenCount: MILLION })).toBeCloseTo(3e-7, 12);
  });
});

function longCall(promptTokenCount: number) {
  return { promptTokenCount, candidatesTokenCount: 1000 };
}

describe('the table', () => {
  test('each row has a day and a source that one can open, and rows of a model follow each other', () => {
    const latest = new Map<string, string>();
    for (const { models, from, source } of PRICES) {
      expect(from).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(new URL(source).protocol).toBe('https:');
      for (const model of models) {
        expect(from > (latest.get(model) ?? '')).toBe(true);
        latest.set(model, from);
      }
    }
  });

  test('what is cached costs no more than what is not, and a long prompt no less', () => {
    for (const { input, cached, output, long } of PRICES) {
      expect(cached).toBeLessThanOrEqual(input);
      if (long) expect([long.input > input, long.cached > cached, long.output > output]).toEqual([true, true, true]);
    }
  });
});
