import { expect, test } from 'vitest';
import { GrowingText } from '../../src/conversation/growing-text.ts';
import { processorNow } from '../support/machine.ts';

const PIECE = 'a piece, ünd mehr '.repeat(400);

const grow = (pieces: number): GrowingText => {
  const text = new GrowingText();
  for (let at = 0; at < pieces; at += 1) {
    text.add(PIECE);
    text.settle();
  }
  return text;
};

test('a growing text is all that was added', () => {
  const text = grow(20);
  text.add('end');
  expect(text.all()).toBe(`${PIECE.repeat(20)}end`);
});

test('R25: a growing text takes time by its length, however many pieces it came in', () => {
  const took = (pieces: number): number => {
    const began = processorNow();
    grow(pieces);
    return processorNow() - began;
  };
  took(1000);
  // 7 and 56 MB. Copied with each second piece, the second took forty times as long as the first.
  const short = Math.max(took(1000), 4);
  expect(took(8000)).toBeLessThan(20 * short);
});
