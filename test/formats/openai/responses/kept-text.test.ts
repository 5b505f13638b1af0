import { describe, expect, it } from 'vitest';
import { askedText, KeptTexts } from '../../../../src/formats/openai/responses/kept-text.ts';

describe('the texts of a kept answer', () => {
  it.each([
    ['short', 'hi', '["a"]', ['msg_1']],
    ['long, kept as bytes', '“long” 文。'.repeat(5000), JSON.stringify(['文'.repeat(9000)]), ['msg_1', 'fc_2']],
    ['short, of what was long', '文', JSON.stringify(['a'.repeat(9000)]), []],
  ])('are to the letter what its client had and said: %s', (_name, text, asked, itemIds) => {
    const response = `{"id":"${text}","output":["${text}"]}`;
    const kept = new KeptTexts(response, askedText(asked), JSON.stringify(itemIds));
    const read = () => [kept.response, kept.asked, kept.itemIds];
    expect(read()).toEqual([response, asked, itemIds]);
    const bytes = kept.settle();
    expect(read()).toEqual([response, asked, itemIds]);
    expect(bytes).toBe(Buffer.byteLength(response + asked + JSON.stringify(itemIds)));
    expect(kept.settle()).toBe(bytes);
  });
});
