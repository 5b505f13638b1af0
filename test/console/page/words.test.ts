import { readFileSync } from 'node:fs';
import { AGENTS } from '../../../src/console/clients/agents.ts';
import { CHATS } from '../../../src/console/clients/chats.ts';
import { SDKS } from '../../../src/console/clients/sdks.ts';
import { SHELL } from '../../../src/console/clients/shell.ts';
import { CONSOLE_REFUSALS } from '../../../src/console/doorkeeper.ts';
import { SECTIONS, VARIABLES } from '../../../src/config/variables.ts';
import type { Variable } from '../../../src/config/variables.ts';
import { readPageFiles } from '../../../src/console/page-files.ts';
import { describe, expect, test } from 'vitest';
import { REASONS, DOOR_CAUSES } from '../../../src/reasons.ts';

type Words = Readonly<Record<string, string>>;

const wordsOf = async (code: string): Promise<Words> => {
  const loaded = (await import(`../../../src/console/page/words/${code}.js`)) as { readonly default: Words };
  return loaded.default;
};

const [en, zh, relayWords] = [await wordsOf('en'), await wordsOf('zh'), await wordsOf('relay.zh')];
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

  test('name the same settings, files, commands and numbers in both languages', () => {
    const apart = Object.entries(en)
      .map(([word, text]) => [word, namesIn(text.split('|').at(-1) ?? ''), namesIn(zh[word] ?? '')] as const)
      .filter(([word, ours, theirs]) => !FREE.has(word) && ours.join() !== theirs.join());
    expect(apart).toEqual([]);
  });
  /** Where a number or a name is said in other words. */
  const FREE: ReadonlySet<string> = new Set([
    ...['overlap.1h', 'overlap.24h', 'overlap.7d', 'door.fix.retired_key', 'login.terms'],
  ]);

  test('no file says a word of its own', () => {
    const index = readFileSync(new URL('../../../src/console/page/index.html', import.meta.url), 'utf8');
    expect(index).not.toContain('lang="zh');
  });
});

/** What is the same in every language: NAMES_OF_SETTINGS, addresses, options, numbers. */
const namesIn = (text: string): readonly string[] =>
  (text.match(/[A-Z][A-Z_]{3,}|https?:\/\/\w+|\b\w+(?:-\w+)+\b|\.\w+\b|\d+/g) ?? []).sort();

describe('what the relay says itself, in Chinese', () => {
  const settings = Object.values(VARIABLES as Readonly<Record<string, Variable>>);
  const said = new Set([
    ...Object.values(SECTIONS),
    ...CONSOLE_REFUSALS,
    ...settings.flatMap(({ meaning, byDefault = '' }) => [meaning, byDefault]),
    ...[...AGENTS, ...CHATS, ...SDKS, ...SHELL].map(({ where }) => where).filter((where) => !isName(where)),
  ]);
  said.delete('');

  test('each setting, its section and its default, each place in a client, and who opens the console', () => {
    expect(Object.keys(relayWords).sort()).toEqual([...said].sort());
  });

  test('names the same settings, options and numbers', () => {
    const apart = Object.entries(relayWords).filter(
      ([text, theirs]) => namesIn(text).join() !== namesIn(theirs).join() || !/\p{Script=Han}/u.test(theirs),
    );
    expect(apart).toEqual([]);
  });
});

/** A file, or a command: the same for everybody. */
const isName = (where: string): boolean => /^(?:npm|pip) install |^[\w.]+$/.test(where) && where !== 'Shell';
