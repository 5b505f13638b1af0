import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationTables } from '../../src/config/describe.ts';

/** The formatter pads the columns of a table; the words are what counts. */
const cellsOf = (markdown: string): string[] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .join('|'),
    );

test('docs/configuration.md says of each variable what the start reads (fix it with: npm run docs)', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  expect(cellsOf(page)).toEqual(cellsOf(configurationTables()));
});
