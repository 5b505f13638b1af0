import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { directDependencies, licences, shipped } from './dependencies.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

const PAGES = [
  ['docs/reliability.md', 'R', 32],
  ['docs/security.md', 'S', 29],
] as const;

describe.each(PAGES)('%s', (page, letter, count) => {
  const text = read(page);
  const named = [...text.matchAll(/^- `(test\/[^`]+)` › (.+)$/gm)].map(([, file = '', title = '']) => ({
    file,
    title,
  }));

  test('names a test for every promise', () => {
    const sections = text.split(new RegExp(`^\\*\\*${letter}(?=\\d+\\. )`, 'm')).slice(1);
    expect(sections.map((section) => Number.parseInt(section, 10))).toEqual(
      Array.from({ length: count }, (_, i) => i + 1),
    );
    for (const section of sections) expect(section, section.slice(0, 40)).toMatch(/^- `test\//m);
  });

  test('names only tests that exist', () => {
    expect(named.length).toBeGreaterThanOrEqual(count);
    const missing = named.filter(({ file, title }) => !existsSync(join(ROOT, file)) || !read(file).includes(title));
    expect(missing).toEqual([]);
  });
});

test('docs/security.md tells of every dependency and counts what is shipped', () => {
  const text = read('docs/security.md');
  for (const name of directDependencies())
    expect(text).toMatch(new RegExp(`^\\|[^|]* ${RegExp.escape(name)}[ ,][^|]*\\|`, 'm'));
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
  for (const name of Object.keys(devDependencies)) expect(text).toContain(`\`${name}\``);
  expect(text).toContain(`${shipped().length} packages`);
  for (const [licence, count] of Object.entries(licences()))
    expect(text).toMatch(new RegExp(`${count} (?:under )?${licence}`));
});
