import { describe, expect, test } from 'vitest';
import { blocksOf, headingsOf, linksOf, readPage, spansOf, tablesOf } from './page.ts';

/** The link at the top leads to the other language; everything else leads to the same place. */
const PAIRS = [
  ['README.md', 'README.zh-CN.md'],
  ['docs/keys.md', 'docs/keys.zh-CN.md'],
  ['docs/usage.md', 'docs/usage.zh-CN.md'],
  ['docs/troubleshooting.md', 'docs/troubleshooting.zh-CN.md'],
  ['docs/scale.md', 'docs/scale.zh-CN.md'],
  ['docs/metrics.md', 'docs/metrics.zh-CN.md'],
  ['docs/doors.md', 'docs/doors.zh-CN.md'],
] as const;

/** Words inside of a block of commands may be in the reader's language. */
const commandsOf = (page: string): string[] =>
  blocksOf(readPage(page)).map(({ language, text }) => `${language}\n${text.replaceAll(/"content": "[^"]*"/g, '')}`);

describe.each(PAIRS)('%s and %s', (english, chinese) => {
  test('have the same headings, in the same order', () => {
    expect(headingsOf(readPage(chinese))).toEqual(headingsOf(readPage(english)));
  });

  test('have tables of the same size', () => {
    expect(tablesOf(readPage(chinese))).toEqual(tablesOf(readPage(english)));
  });

  test('have the same blocks of commands and messages', () => {
    expect(commandsOf(chinese)).toEqual(commandsOf(english));
  });

  test('lead to the same places', () => {
    const places = (page: string): string[] =>
      linksOf(readPage(page))
        .map((link) => link.replace('.zh-CN.', '.'))
        .sort();
    expect(places(chinese)).toEqual(places(english));
  });

  test('name the same things in code', () => {
    const names = (page: string): string[] => [...new Set(spansOf(readPage(page)))].sort();
    expect(names(chinese)).toEqual(names(english));
  });

  test('the second is in Chinese', () => {
    expect(readPage(chinese).match(/\p{Script=Han}/gu)?.length ?? 0).toBeGreaterThan(500);
  });
});
