import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerText } from '../../src/conversation/answer-text.ts';
import { collectGarbage } from '../support/garbage.ts';

const heapAfterCollection = async (): Promise<number> => {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
};

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

test('whatever was sent in whatever pieces, one blank line stands before a block', () => {
  const pieces = fc.array(fc.constantFrom('a', '\n', '\n\n', 'a\n', '\na', 'a\n\n', '\n\n\n'), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, (texts) => {
      const content = new AnswerText();
      const sent = texts.map((text) => content.text(text, 0)).join('');
      expect(content.block('b')).toBe(sent === '' || sent.endsWith('\n\n') ? 'b' : '\n\nb');
    }),
  );
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

test('settling after a batch changes nothing of what is known', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('text' as const),
      text: fc.string({ unit: 'binary' }),
      partIndex: fc.nat({ max: 3 }),
    }),
    fc.record({ kind: fc.constant('block' as const), text: fc.constantFrom('```\na\n```', 'b', '\n\nc\n\n') }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 20 }), (steps) => {
      const [plain, settled] = [new AnswerText(), new AnswerText()];
      for (const [next, settles] of steps) {
        const said = [plain, settled].map((content) =>
          next.kind === 'text' ? content.text(next.text, next.partIndex) : content.block(next.text),
        );
        expect(said[1]).toBe(said[0]);
        if (settles) settled.settle();
      }
      expect(settled.kept).toBe(plain.kept);
      expect(settled.isEmpty).toBe(plain.isEmpty);
      for (let part = 0; part < 4; part += 1) expect(settled.startOf(part)).toBe(plain.startOf(part));
    }),
  );
});

test('what is settled is its own: of a long text one word came from, nothing stays', async () => {
  const held: AnswerText[] = [];
  const before = await heapAfterCollection();
  for (let index = 0; index < 20; index += 1) {
    const long = Buffer.alloc(1_000_000, `${index} a long read of which one word is kept; `).toString();
    const content = new AnswerText();
    content.text(long.slice(100, 130), 0);
    content.settle();
    held.push(content);
  }
  expect((await heapAfterCollection()) - before).toBeLessThan(5_000_000);
  expect(held.map((content) => content.kept.length)).toEqual(Array.from({ length: 20 }, () => 30));
});
