/** R25: loops over what a client or Google lists. As many as a body may hold; what looks at each for each takes seconds. */
import { expect, test } from 'vitest';
import { AnswerText } from '../../src/conversation/answer-text.ts';
import { codeBlock } from '../../src/conversation/blocks.ts';
import { groundingCitations } from '../../src/conversation/citations.ts';
import { PairedCalls } from '../../src/conversation/paired-calls.ts';
import type { PairedCall } from '../../src/conversation/paired-calls.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { withNeededSignatures } from '../../src/gemini/signature-stand-ins.ts';
import { processorNow } from '../support/machine.ts';

const MANY = 60_000;
const MOST_MS = 1000;

const msOf = (work: () => void): number => {
  const before = processorNow();
  work();
  return processorNow() - before;
};

test.each([
  ['by one id for all', 'a', undefined],
  ['by name', undefined, 'f'],
  ['by nothing', undefined, undefined],
])('R25: answers find their calls %s', (_how, id, name) => {
  for (const together of [1, MANY]) {
    const calls = new PairedCalls();
    const all = Array.from({ length: MANY }, (): PairedCall => ({
      call: { id: 'a', name: 'f', args: {}, sentArgs: '{}', signature: undefined },
    }));
    const answer = { id, name, response: {}, media: [] };
    const ms = msOf(() => {
      for (let at = 0; at < MANY; at += together) calls.add(all.slice(at, at + together));
      for (let count = 0; count < MANY; count += 1) {
        const call = calls.find(answer);
        if (call) call.answer = answer;
      }
    });
    expect(ms).toBeLessThan(MOST_MS);
    expect(all.at(-1)?.answer).toBe(answer);
  }
});

test('R25: pictures of a painting model are signed', () => {
  const parts = Array.from({ length: MANY }, () => ({ inlineData: { mimeType: 'image/png', data: '' } }));
  const { model } = createCatalogue([]).resolve('gemini-3-pro-image-preview');
  let signed: readonly unknown[] | undefined;
  expect(msOf(() => (signed = withNeededSignatures([{ role: 'model', parts }], model)[0]?.parts))).toBeLessThan(
    MOST_MS,
  );
  expect(signed?.at(-1)).toHaveProperty('thoughtSignature');
});

test('R25: code that holds fences of every length', () => {
  const code = Array.from({ length: 1000 }, (_, index) => `${'`'.repeat(index)}\n`).join('');
  let block = '';
  expect(msOf(() => (block = codeBlock('PYTHON', code)))).toBeLessThan(MOST_MS);
  expect(block.startsWith(`${'`'.repeat(1000)}python\n`)).toBe(true);
});

test('R25: a thousand passages of a long answer that stand elsewhere than Google says', () => {
  const content = new AnswerText();
  content.text(`中${'a'.repeat(390_000)}`, 0);
  const text = `b${'a'.repeat(1000)}`;
  const groundingSupports = Array.from({ length: 1000 }, (_, index) => ({
    segment: { startIndex: 300 * index, endIndex: 300 * index + 3, text },
    groundingChunkIndices: [0],
  }));
  const metadata = { groundingChunks: [{ web: { uri: 'https://example.com' } }], groundingSupports };
  let found = 0;
  expect(msOf(() => (found = groundingCitations(metadata, content).length))).toBeLessThan(MOST_MS);
  expect(found).toBe(1000);
});
