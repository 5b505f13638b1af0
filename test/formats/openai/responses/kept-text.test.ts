import { describe, expect, it } from 'vitest';
import { Shelf } from '../../../../src/engine/shelf.ts';
import { askedText, KeptTexts } from '../../../../src/formats/openai/responses/kept-text.ts';

const BOARD_BYTES = 64 * 1024;

describe('the texts of a kept answer', () => {
  it.each([
    ['short', 'hi', '["a"]', ['msg_1']],
    ['long, kept as bytes', '“long” 文。'.repeat(5000), JSON.stringify(['文'.repeat(9000)]), ['msg_1', 'fc_2']],
    ['short, of what was long', '文', JSON.stringify(['a'.repeat(9000)]), []],
  ])('are to the letter what its client had and said: %s', (_name, text, asked, itemIds) => {
    const [begin, echo, end] = [`{"id":"${text}",`, `"instructions":"${text}"`, `,"output":["${text}"]}`];
    const kept = new KeptTexts({ begin, echo, end }, askedText(asked), itemIds);
    const read = () => [kept.response, kept.asked, kept.itemIds];
    expect(read()).toEqual([begin + echo + end, asked, itemIds]);
    const shelf = new Shelf(BOARD_BYTES);
    kept.settle(shelf);
    expect(read()).toEqual([begin + echo + end, asked, itemIds]);
    kept.hold(shelf);
    kept.moveOut();
    kept.settle(new Shelf(BOARD_BYTES));
    expect(read()).toEqual([begin + echo + end, asked, itemIds]);
    expect(shelf.bytes).toBeLessThan(BOARD_BYTES);
    kept.release(shelf);
    expect(shelf.bytes).toBe(0);
  });
});
