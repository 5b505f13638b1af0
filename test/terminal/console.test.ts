import { expect, test } from 'vitest';
import { consoleOf, painter } from '../../src/terminal/console.ts';
import { createSpeaker } from '../../src/terminal/speaker.ts';
import { wrapWords } from '../../src/terminal/wrap.ts';

const streamOf = (isTTY: boolean, columns?: number) => {
  const written: string[] = [];
  return {
    written,
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (text: string): boolean => {
      written.push(text);
      return true;
    },
  };
};

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
])('terminal %s with %j: colours %s', (isTTY, env, colors) => {
  expect(consoleOf(streamOf(isTTY), env).colors).toBe(colors);
});

test('paints only what is there, and only where it is wanted', () => {
  expect(painter(true)('red', 'x')).toBe('\u001b[31mx\u001b[0m');
  expect(painter(true)('red', '')).toBe('');
  expect(painter(false)('red', 'x')).toBe('x');
});

test.each([
  [undefined, 80],
  [0, 80],
  [40, 40],
])('a terminal of %s columns', (columns, expected) => {
  expect(consoleOf(streamOf(true, columns), {}).columns).toBe(expected);
});

test('words stay whole, an address too long for the line as well', () => {
  expect(wrapWords('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrapWords('see https://example.com/long and on', 10)).toEqual(['see', 'https://example.com/long', 'and on']);
  expect(wrapWords('', 10)).toEqual(['']);
  expect(wrapWords('one two three four', Infinity)).toEqual(['one two three four']);
});

test.each([
  'npm run login -- --no-browser --import my.json --port 8085 --force',
  'docker compose run --rm relay login --no-browser',
  'docker compose exec relay /usr/local/bin/node gemini-cli-relay.cjs health --verbose',
  'npm run health -- --bundle FILE',
  'gemini-cli-relay health --verbose',
  'docker compose up -d',
])('a command to paste stays on one line: %s', (command) => {
  expect(wrapWords(`Do this: ${command} or that.`, 12)).toContain(command);
});

test('a sentence is as wide as the terminal; off a terminal it is one line, for grep', () => {
  const text = 'A sentence that is longer than a narrow window, and ends here.';
  const narrow = streamOf(true, 30);
  createSpeaker(consoleOf(narrow, { NO_COLOR: '1' }), 'folder')(text, 'bad');
  expect(
    narrow.written
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => line.length)
      .every((length) => length <= 30),
  ).toBe(true);
  const piped = streamOf(false);
  createSpeaker(consoleOf(piped, {}), 'folder')(text);
  expect(piped.written).toEqual([`${text}\n`]);
});
