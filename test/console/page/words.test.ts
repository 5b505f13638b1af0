import { readFileSync } from 'node:fs';
import { readPageFiles } from '../../../src/console/page-files.ts';
import { describe, expect, test } from 'vitest';
import { REASONS, DOOR_CAUSES } from '../../../src/reasons.ts';

type Words = Readonly<Record<string, string>>;

const wordsOf = async (code: string): Promise<Words> => {
  const loaded = (await import(`../../../src/console/page/words/${code}.js`)) as { readonly default: Words };
  return loaded.default;
};

const [en, zh] = [await wordsOf('en'), await wordsOf('zh')];
const places = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe('the words of the page', () => {
  test('are the same in both languages, with the same places to fill', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
    for (const [word, text] of Object.entries(en)) {
      const theirs = zh[word] ?? '';
      expect(theirs, word).not.toBe('');
      const forms = text.split('|').map(places);
      expect([word, places(theirs)]).toEqual([word, forms.at(-1)]);
    }
  });

  test('are all asked for, and all that is asked for is there', async () => {
    const files = (await readPageFiles()).filter(({ path }) => /^(?:app\.js|lib|ui|screens)/.test(path));
    const text = files.map((file) => file.text).join('\n');
    const asked = new Set([...text.matchAll(/['"`]([a-z][\w.-]*)['"`]/g)].map(([, word = '']) => word));
    const stems = [...text.matchAll(/`([\w.-]+\.)\$\{/g)].map(([, stem = '']) => stem);
    const groups = [...text.matchAll(/named\('([\w.-]+)'/g)].map(([, group = '']) => `${group}.`);
    const unused = Object.keys(en).filter(
      (word) => !asked.has(word) && ![...stems, ...groups].some((stem) => word.startsWith(stem)),
    );
    expect(unused).toEqual([]);
  });

  test('name each reason and each cause', () => {
    const unnamed = [
      ...Object.keys(REASONS).map((reason) => `reason.${reason}`),
      ...Object.keys(DOOR_CAUSES).map((cause) => `cause.${cause}`),
    ].filter((word) => !(word in en));
    expect(unnamed).toEqual([]);
  });

  test('no file says a word of its own', () => {
    const index = readFileSync(new URL('../../../src/console/page/index.html', import.meta.url), 'utf8');
    expect(index).not.toContain('lang="zh');
  });
});
