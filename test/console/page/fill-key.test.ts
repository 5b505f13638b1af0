/** Keys in the settings of clients: whatever is in a key, the client reads that key. */
import { execFileSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { AGENTS } from '../../../src/console/clients/agents.ts';
import { CHATS } from '../../../src/console/clients/chats.ts';
import type { ClientSettings } from '../../../src/console/clients/client.ts';
import { SDKS } from '../../../src/console/clients/sdks.ts';
import { SHELL } from '../../../src/console/clients/shell.ts';

type Fill = (text: string, language: string, secret: string) => string;
/** Written for browsers, so that this project's own types do not reach into it. */
const path = '../../../src/console/page/screens/connect/fill.js';
const { fillKey } = (await import(path)) as { fillKey: Fill };

const CLIENTS = [...AGENTS, ...CHATS, ...SDKS, ...SHELL];
const PLAIN = ['gcr_0aZ-9_x', 'relay-key-of-the-tests-0123456789', '9f3c2b7e', 'a.b/c+d='];
const AWKWARD = [
  'secret-$$-42',
  'pa$$wor$&d',
  `it's "quoted"`,
  String.raw`back\slash\n and \ the end\ `.trim(),
  '`whoami` $(id) ${HOME} !x',
  '# no: comment',
  '{{KEY}}',
  "'",
];

test.each(PLAIN)('%s stands there as it is', (secret) => {
  for (const { text, language } of CLIENTS)
    expect(fillKey(text, language, secret)).toBe(text.replaceAll('{{KEY}}', secret));
});

/** What a shell hands to a program: the last line's program is replaced by one that tells. */
const inShell = (line: string, told: string): string =>
  execFileSync('sh', ['-c', `${line}\nprintf %s "${told}"`], { encoding: 'utf8' });

/** The string literal after a name, with its quotes. */
const literal = (text: string, quote: '"' | "'"): string =>
  new RegExp(String.raw`(?:api_?key)\s*[:=(]\s*(${quote}(?:[^\\${quote}]|\\.)*${quote})`, 'i').exec(text)?.[1] ?? '';

const read: Record<ClientSettings['language'], (text: string, id: string) => unknown> = {
  sh: (text, id) =>
    id === 'curl'
      ? inShell(`curl() { told="$3"; }\n${text.replace(/curl \S+/, 'curl address')}`, '${told#Authorization: Bearer }')
      : inShell(/^export .*$/m.exec(text)?.[0] ?? '', `$${/(\w+)=(?!http|\{\{(?:BASE|MODEL))/.exec(text)?.[1]}`),
  toml: (text) => inShell(/# (export .*)$/.exec(text)?.[1] ?? '', '$RELAY_KEY'),
  json: (text) =>
    (JSON.parse(text) as { provider: { relay: { options: { apiKey: string } } } }).provider.relay.options.apiKey,
  yaml: (text) => {
    // One has it at its top, the other below its endpoints.
    const told = JSON.stringify(parse(text.replaceAll(/\{\{(?:BASE|MODEL)\}\}/g, 'x')));
    return JSON.parse(literal(told.replaceAll('"apiKey"', 'apiKey'), '"')) as string;
  },
  js: (text) => runInNewContext(literal(text, "'")) as string,
  py: (text) => JSON.parse(literal(text, '"')) as string,
  go: (text) => JSON.parse(literal(text, '"')) as string,
  java: (text) => JSON.parse(literal(text, '"')) as string,
  text: (text) => /^(?:API )?key: (.*)$/im.exec(text)?.[1],
};

test.each(AWKWARD)('%s is read by every client', (secret) => {
  for (const { id, language, text } of CLIENTS) {
    expect(read[language](fillKey(text, language, secret), id), id).toBe(secret);
  }
});

test('what YAML would take for a number is quoted', () => {
  expect(fillKey('apiKey: {{KEY}}', 'yaml', '0123')).toBe('apiKey: "0123"');
  expect(fillKey('apiKey: {{KEY}}', 'yaml', '12e3')).toBe('apiKey: "12e3"');
});
