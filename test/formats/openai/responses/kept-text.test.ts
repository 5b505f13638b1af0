import { describe, expect, it } from 'vitest';
import { keptResponse, keptWhole, wholeText } from '../../../../src/formats/openai/responses/kept-text.ts';

describe('a kept response', () => {
  it.each([
    ['short', 'hi'],
    ['long, kept as bytes', '“long” 文。'.repeat(5000)],
  ])('is to the letter what its client had: %s', (_name, text) => {
    const parts = { begin: `{"id":"${text}",`, echo: `"instructions":"${text}"`, end: `,"output":["${text}"]}` };
    expect(wholeText(keptResponse(parts))).toBe(parts.begin + parts.echo + parts.end);
    expect(wholeText(keptWhole(text))).toBe(text);
  });
});
