import { beforeAll, describe, expect, test } from 'vitest';
import { collectSayings } from './sayings.ts';
import { blocksOf, readPage } from './page.ts';

/** Ports, times and counts differ from run to run, and hosts are the simulator's. */
const plain = (text: string): string =>
  text
    .replaceAll(/\b(?:cloudcode-pa|generativelanguage|oauth2)\.googleapis\.com\b/g, '#')
    .replaceAll(/\b127\.0\.0\.1:\d+/g, '#')
    .replaceAll(/\d+(?:\.\d+)?(?: ms| s|s)?\b/g, '0')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** `…` stands for what is different each time, or too long to print. */
const toPattern = (line: string): RegExp =>
  new RegExp(
    plain(line)
      .split('…')
      .map((part) => RegExp.escape(part))
      .join('.*'),
  );

const quotedIn = (page: string): string[] =>
  blocksOf(readPage(page))
    .filter(({ language }) => language === 'text')
    .flatMap(({ text }) => text.split('\n'));

describe('docs/troubleshooting.md', () => {
  const lines = quotedIn('docs/troubleshooting.md');
  let said: readonly string[] = [];
  beforeAll(async () => {
    said = (await collectSayings()).texts.map(plain);
  }, 180_000);

  test('quotes many messages', () => {
    expect(lines.length).toBeGreaterThan(40);
  });

  test.each(lines)('the program says: %s', (line) => {
    const pattern = toPattern(line);
    expect(
      said.some((text) => pattern.test(text)),
      `nothing that the program said looks like: ${line}`,
    ).toBe(true);
  });

  test('the Chinese page quotes the same', () => {
    expect(quotedIn('docs/troubleshooting.zh-CN.md')).toEqual(lines);
  });
});
