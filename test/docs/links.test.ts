import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsOf, linksOf, readPage, withoutBlocks } from './page.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe.each(PAGES)('%s', (page) => {
  test('leads to pages and headings that are there', () => {
    const lost = linksOf(readPage(page))
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(ROOT, target))) return true;
        return anchor !== undefined && !anchorsOf(readPage(target)).includes(anchor);
      });
    expect(lost).toEqual([]);
  });

  test('begins with its one title', () => {
    expect(withoutBlocks(readPage(page)).match(/^# .+$/gm)).toHaveLength(1);
  });
});

test('the README leads to every page, for decisions by the page on contributing', () => {
  const from = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md'];
  const linked = from.flatMap((page) => linksOf(readPage(page)));
  expect(PAGES.filter((page) => page.startsWith('docs/') && !linked.includes(page))).toEqual([]);
});

test('each picture is shown by a page, and together they are lighter than the script allows', () => {
  const names = readdirSync(join(ROOT, 'docs/pictures'));
  const pages = PAGES.map((page) => readFileSync(join(ROOT, page), 'utf8')).join('\n');
  expect(names.filter((name) => !pages.includes(`pictures/${name}`))).toEqual([]);
  const bytes = names.reduce((sum, name) => sum + statSync(join(ROOT, 'docs/pictures', name)).size, 0);
  expect(bytes).toBeLessThan(400_000);
});
