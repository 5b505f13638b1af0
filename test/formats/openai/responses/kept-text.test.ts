import { describe, expect, it } from 'vitest';
import { keptResponse, keptWhole, wholeText } from '../../../../src/formats/openai/responses/kept-text.ts';

describe('a kept response', () => {
  it.each([
    ['short', 'hi'],
    ['long, kept as bytes', '“long” 文。'.repeat(5000)],
  ])('is to the letter what its client had: %s', (_name, text) => {
    const [begin, echo, end] = [`{"id":"${text}",`, `"instructions":"${text}"`, `,"output":["${text}"]}`];
    const kept = keptResponse({ begin, echo, end });
    expect(wholeText(kept)).toBe(begin + echo + end);
    expect(wholeText(keptWhole(text))).toBe(text);
  });
});
