import { expect, test } from 'vitest';
import { isHeavierThan } from '../../src/json/weight.ts';

/** The least `most` that a text is not heavier than. */
const weightOf = (text: string): number => {
  let most = 0;
  while (isHeavierThan(text, most)) most += 1;
  return most;
};

test.each([
  ['a', 0],
  ['[1]', 1],
  ['[[],{},1]', 5],
  ['{"a":1,"b":[2]}', 7],
  ['["[{,:", "\\",,,\\\\", ":"]', 3],
  [`[${' '.repeat(200)}1${'0'.repeat(200)},${' '.repeat(200)}2]`, 2],
  [`["${'a,'.repeat(200)}"]`, 1],
  ['["not closed,,,', 1],
  [`["${'\\n'.repeat(80)}"]`, 21],
  [`["${`\\n${'a'.repeat(100)}`.repeat(16)}","${'\\\\'.repeat(16)}"]`, 10],
  [`["${'\\u0041'.repeat(8)}${'a'.repeat(100)}\\"",1]`, 4],
])('%s weighs %i', (text, weight) => {
  expect(weightOf(text)).toBe(weight);
});

test('a name that the engine would tell by its length is as heavy as anything', () => {
  const named = (letters: number): string => `{"${'a'.repeat(letters)}" : 1}`;
  expect(isHeavierThan(named(9000), 8999)).toBe(true);
  expect(isHeavierThan(named(8000), 7999)).toBe(false);
  expect(isHeavierThan(`["${'a'.repeat(9000)}"]`, 8999)).toBe(false);
});

test('a text that is not longer than that is not looked at', () => {
  expect(isHeavierThan('[1,1,1,1]', 9)).toBe(false);
});
