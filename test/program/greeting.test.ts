import { expect, test } from 'vitest';
import { describeListenFailure, greeting, tryLines } from '../../src/program/greeting.ts';

const FACTS = {
  version: '1.2.3',
  host: '127.0.0.1',
  port: 8888,
  hasConsole: true,
  upstream: 'code-assist',
  why: 'There are OAuth credentials, and nothing else is set that would open another door.',
  others: { vertex: 'would need GOOGLE_CLOUD_PROJECT and UPSTREAM=vertex' },
  key: { kind: 'variables', names: ['GEMINI_AUTH_PASSWORD'] },
  status: { status: 'healthy', message: '' },
  doors: 2,
  shut: [{ id: 'gemini-api:spare', message: 'API key not valid. Please pass a valid API key.' }],
  isTried: true,
} as const satisfies Parameters<typeof greeting>[0];

test.each([120, 60, 40])('on a terminal of %i columns no line of words is longer', (columns) => {
  const lines = greeting(FACTS, false, columns).split('\n');
  const words = lines.slice(
    0,
    lines.findIndex((line) => line.includes('Try it')),
  );
  expect(words.filter((line) => line.length > columns)).toEqual([]);
  expect(words.join(' ').replaceAll(/\s+/g, ' ')).toContain(FACTS.why);
});

test.each([
  [{ code: 'EADDRNOTAVAIL', address: '1.2.3.4' }, 'HOST=1.2.3.4 '],
  [{ code: 'ENOTFOUND', hostname: 'nonsense.invalid' }, 'HOST=nonsense.invalid '],
])('an address that is not this machine’s is named: %j', (fields, expected) => {
  expect(describeListenFailure(Object.assign(new Error(fields.code), fields))).toContain(expected);
});

test('the way to the console, where there is one', () => {
  expect(greeting(FACTS, false)).toContain('http://127.0.0.1:8888/console\n');
  expect(greeting({ ...FACTS, hasConsole: false }, false)).not.toContain('onsole');
});

test('what is to be tried can be pasted: into zsh, and on Windows into PowerShell', () => {
  expect(tryLines('http://[::1]:8888', 'KEY', 'linux')[0]).toBe(`curl 'http://[::1]:8888/v1/chat/completions' \\`);
  const [first = '', ...others] = tryLines('http://127.0.0.1:8888', '$(cat .relay-key)', 'win32');
  expect(first).toBe('Invoke-RestMethod http://127.0.0.1:8888/v1/chat/completions -Method Post `');
  expect(others.join('\n')).toContain('Authorization = "Bearer $(cat .relay-key)"');
  expect([first, ...others].filter((line) => line.endsWith('\\'))).toEqual([]);
});

test.each([
  ['ready', { doors: 2, isTried: true }],
  ['serving, but Google has not answered yet. A line below will say when it is ready.', { doors: 2, isTried: false }],
  ['serving, but no request gets through until that is put right', { doors: 1, isTried: true }],
])('the state is %s', (state, facts) => {
  expect(greeting({ ...FACTS, ...facts }, false)).toContain(`  State     ${state}\n`);
});

test.each([
  ['.relay-key', '$(cat .relay-key)'],
  ['/home/my self/.relay-key', "$(cat '/home/my self/.relay-key')"],
  ["/home/o'neil/.relay-key", String.raw`$(cat '/home/o'\''neil/.relay-key')`],
  [String.raw`C:\my relay\.relay-key`, String.raw`$(cat 'C:\my relay\.relay-key')`],
])('a key kept in %s is read by what is to be tried', (path, words) => {
  expect(greeting({ ...FACTS, key: { kind: 'stored', path } }, false)).toContain(`"Authorization: Bearer ${words}"`);
});
