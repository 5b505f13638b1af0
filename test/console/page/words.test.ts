import { readFileSync } from 'node:fs';
import { NOT_ACCEPTED } from '../../../src/credentials/login-steps.ts';
import { AGENTS } from '../../../src/console/clients/agents.ts';
import { CHATS } from '../../../src/console/clients/chats.ts';
import { SDKS } from '../../../src/console/clients/sdks.ts';
import { SHELL } from '../../../src/console/clients/shell.ts';
import { CONSOLE_REFUSALS } from '../../../src/console/doorkeeper.ts';
import { SECTIONS, VARIABLES } from '../../../src/config/variables.ts';
import type { Variable, VariableName } from '../../../src/config/variables.ts';
import { readPageFiles } from '../../../src/console/page-files.ts';
import { describe, expect, test } from 'vitest';
import { REASONS, DOOR_CAUSES } from '../../../src/reasons.ts';
import { WAYS_OUT } from '../../../src/store/database.ts';
import { layered, problemOf } from '../../../src/settings/layers.ts';
import { isFixed } from '../../../src/settings/ways.ts';

type Words = Readonly<Record<string, string>>;

const wordsOf = async (code: string): Promise<Words> => {
  const loaded = (await import(`../../../src/console/page/words/${code}.js`)) as { readonly default: Words };
  return loaded.default;
};

const [en, zh, relayWords] = [await wordsOf('en'), await wordsOf('zh'), await wordsOf('relay.zh')];
// The name by a variable: it is no module of this project's types.
const LIB = '../../../src/console/page/lib/relay-words.js';
const { inWordsOf } = (await import(LIB)) as { readonly inWordsOf: (words: Words) => (text: string) => string };
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

const CLIENTS = [...AGENTS, ...CHATS, ...SDKS, ...SHELL];
/** Names of programs are the same for everybody, what is said of them is not. */
const SAID_NAMES = CLIENTS.map(({ name }) => name).filter((name) => / (?:the|as|over) /.test(name));

describe('what the relay says itself, in Chinese', () => {
  const settings = Object.values(VARIABLES as Readonly<Record<string, Variable>>);
  const said = new Set([
    ...Object.values(SECTIONS),
    ...CONSOLE_REFUSALS,
    ...WAYS_OUT,
    NOT_ACCEPTED,
    ...settings.flatMap(({ meaning, byDefault = '' }) => [meaning, byDefault]),
    ...CLIENTS.map(({ where }) => where).filter((where) => !isName(where)),
    ...SAID_NAMES,
  ]);
  said.delete('');
  const passedOn = sentencesPassedOn();

  const problems = problemsOfSettings();
  const isOfProblem = (text: string): boolean => !passedOn.has(text) && (text.includes('{}') || problems.has(text));

  test('each setting, its section and its default, each place in a client, and who opens the console', () => {
    const others = Object.keys(relayWords).filter((text) => !isOfProblem(text));
    expect(others.sort()).toEqual([...said, ...passedOn].sort());
  });

  test('each problem of a value that can be set on the page, and no other', () => {
    const inWords = inWordsOf(relayWords);
    expect(problems.size).toBeGreaterThan(20);
    expect([...problems].filter((problem) => !/\p{Script=Han}/u.test(inWords(problem)))).toEqual([]);
    const idle = Object.entries(relayWords).filter(
      ([text, theirs]) =>
        isOfProblem(text) && [...problems].every((problem) => inWordsOf({ [text]: theirs })(problem) === problem),
    );
    expect(idle).toEqual([]);
  });

  test('what a problem names stands in its place', () => {
    expect(inWordsOf(relayWords)('must be a whole number from 0 to 10')).toBe('必须是 0 到 10 的整数');
    expect(inWordsOf(relayWords)('must be one of auto, a, b, or several of the last 2 separated by commas')).toBe(
      '必须是 auto, a, b 之一，或最后 2 个中的几个，用逗号分隔',
    );
    expect(inWordsOf(relayWords)('is something else')).toBe('is something else');
  });

  test('clients are called as in the documentation', () => {
    const page = readFileSync(new URL('../../../docs/clients.zh-CN.md', import.meta.url), 'utf8');
    const inWords = inWordsOf(relayWords);
    expect(SAID_NAMES.filter((name) => !page.includes(`**${inWords(name)}**`))).toEqual([]);
  });

  test('names the same settings, options and numbers', () => {
    const apart = Object.entries(relayWords).filter(
      ([text, theirs]) => namesIn(text).join() !== namesIn(theirs).join() || !/\p{Script=Han}/u.test(theirs),
    );
    expect(apart).toEqual([]);
  });
});

/** What an answer of the console's API says and the page shows as it is: each stands so in its file. */
const PASSED_ON: Readonly<Record<string, readonly string[]>> = {
  'upstreams/doors/control.ts': ['Google answers.', 'Google answers. To a token count it said: {}'],
  'credentials/remote-login.ts': [
    'No login is under way. Begin one first.',
    'GEMINI_CREDENTIALS is set and wins over any login. Remove it, and restart.',
    'Logged in. The relay takes the login over now.',
    'The login failed. The log has the details.',
  ],
  'credentials/login-browser.ts': [
    'That address belongs to another login. Open the one above, and paste what it leads to:',
    'That is neither the whole address nor a code. Paste it once more:',
    '{} Open the address above once more, and paste the whole address that it leads to:',
    'The login was declined on the page of Google, and nothing was changed.',
    'Google ended the login ({}), and nothing was changed.',
    'No answer came within {} minutes, and nothing was changed.',
  ],
  'credentials/login-steps.ts': [
    "The box for Google Cloud was not ticked on Google's page; without it the relay can do nothing, so the login is not " +
      'kept. Tick all boxes.',
    "Google's token service does not work for now: {}.",
    'Google refuses the OAuth client ({}). Check GOOGLE_OAUTH_CLIENT_ID and GOOGLE_OAUTH_CLIENT_SECRET, or remove both.',
    'The clock of this computer is {} minutes ahead; set it right.',
    'The clock of this computer is {} minutes behind; set it right.',
    '{} {}. Name another file in GOOGLE_APPLICATION_CREDENTIALS.',
  ],
  'credentials/login.ts': [
    'Google sent no refresh token, so the login would end within the hour, and is not kept. Remove the access at ' +
      'https://myaccount.google.com/permissions and try once more.',
    'The login could not be written to {} ({}). Make the file and its directory writable, or name another file in ' +
      'GOOGLE_APPLICATION_CREDENTIALS.',
  ],
  'store/telling-trouble.ts': ['The log has the details.'],
  'console/doors.ts': ["There is no door '{}'. GET status lists them."],
  'http/admission.ts': ['The relay is shutting down; try again in a few seconds.'],
  'errors.ts': ['The relay failed on this request; its log has the details under this request id.'],
  'console/keys.ts': ["There is no key '{}'.", 'A name has 1 to 64 letters, digits, dots, dashes and underscores.'],
  'settings/settings.ts': [
    'Settings were changed elsewhere in the meantime. Nothing was replaced: read them again, and send the change anew.',
  ],
  'keys/key-store.ts': ['There is a key called {} already. Take another name, or give that one a new secret.'],
  'console/store.ts': [
    'Nothing is kept: DATABASE_URL is none. Take that line away, and restart.',
    'The database refuses. The log has the details.',
  ],
};

const sentencesPassedOn = (): ReadonlySet<string> => {
  const all = Object.entries(PASSED_ON).flatMap(([path, sentences]) => {
    const text = readFileSync(new URL(`../../../src/${path}`, import.meta.url), 'utf8')
      .replaceAll(/\$\{[^}]+\}/g, '{}')
      // Told in one, written on several lines.
      .replaceAll(/(['"`]) \+\s+['"`]/g, '');
    return sentences.filter((sentence) =>
      QUOTES.some((one) => QUOTES.some((other) => text.includes(one + sentence + other))),
    );
  });
  return new Set(all.map((sentence) => (sentence.startsWith('{} Open') ? NOT_ACCEPTED + sentence.slice(2) : sentence)));
};

/** What is joined of two may begin with one and end with another. */
const QUOTES = [`'`, '"', '`'];

/** Whatever may be typed by mistake. */
const MISTAKES = [
  ...[
    'é',
    '-1',
    'a=b=c',
    'a>b>a',
    'a>b,a>c',
    'a>',
    'vertex,vertex',
    'nonsense,vertex',
    '=x',
    'a=%zz',
    '/a b',
    'x'.repeat(300),
  ],
];
const CONTRADICTIONS = [
  { IDLE_TIMEOUT_MS: '2', REQUEST_TIMEOUT_MS: '1' },
  { GEMINI_PROJECT_ID: 'one', GOOGLE_CLOUD_PROJECT: 'another' },
];

const problemsOfSettings = (): ReadonlySet<string> => {
  const names = Object.keys(VARIABLES) as VariableName[];
  const ofOne = names
    .filter((name) => !isFixed(name))
    .flatMap((name) => MISTAKES.map((value) => problemOf(name, value)));
  const ofSeveral = CONTRADICTIONS.flatMap((values) => [
    ...layered({ environment: {}, file: {} }, new Map(Object.entries(values))).unusable.values(),
  ]);
  return new Set([...ofOne, ...ofSeveral].filter((problem) => problem !== undefined));
};

/** A file, or a command: the same for everybody. */
const isName = (where: string): boolean =>
  /^(?:npm install|pip install|go get) |^[\w.]+(?::[\w-]+)?$/.test(where) && where !== 'Shell';
