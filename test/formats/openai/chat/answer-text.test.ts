import { expect, test } from 'vitest';
import { AnswerText } from '../../../../src/formats/openai/chat/answer-text.ts';

test('a block stands between blank lines, and only where there are none yet', () => {
  const content = new AnswerText();
  expect(content.block('first')).toBe('first');
  expect(content.text('next', 0)).toBe('\n\nnext');
  expect(content.text('\n', 0)).toBe('\n');
  expect(content.text('\n', 0)).toBe('\n');
  expect(content.block('second')).toBe('second');
  expect(content.kept).toBe('first\n\nnext\n\nsecond');
  expect(content.startOf(0)).toBe('first\n\n'.length);
});

test('R23: of a very long answer only the beginning is kept', () => {
  const content = new AnswerText();
  expect(content.isEmpty).toBe(true);
  for (let index = 0; index < 50; index += 1) content.text('x'.repeat(100_000), 0);
  expect(content.text('end', 1)).toBe('end');
  expect(content.isEmpty).toBe(false);
  expect(content.kept.length).toBeLessThan(1_000_000);
  expect(content.startOf(1)).toBe(5_000_000);
});
