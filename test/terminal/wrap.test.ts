import { expect, test } from 'vitest';
import { wrapWords } from '../../src/terminal/wrap.ts';

test('what stands further in stays further in, on every line', () => {
  expect(wrapWords('  1  an API key of AI Studio', 80)).toEqual(['  1  an API key of AI Studio']);
  expect(wrapWords('  one two three', 9)).toEqual(['  one two', '  three']);
  expect(wrapWords('one two three', 9)).toEqual(['one two', 'three']);
  expect(wrapWords('', 9)).toEqual(['']);
});

test.each([
  'npx gemini-cli-relay login --port 8085',
  'npm run health -- --verbose',
  'gemini-cli-relay health --verbose',
])('no line ends within %s', (command) => {
  const lines = wrapWords(`Something is wrong here, look further with ${command} and read what it says.`, 24);
  expect(lines.filter((line) => line.includes(command))).toHaveLength(1);
});
