import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { completionFor, optionsIn } from '../../src/terminal/completion.ts';

const COMMANDS = [
  { name: 'serve', what: 'serve', offers: ['--port', '--open'] },
  { name: 'keys', what: 'client keys: all', offers: ['add', 'list', '--models'] },
];

const OPTIONS = ['--port', '--open', '--help', '--version'];

test('a help text tells of its options once each', () => {
  expect(optionsIn('--port N  listen on N\n  --no-browser  as --port\n  a--b')).toEqual(['--port', '--no-browser']);
});

/** What bash itself offers for the last word. */
const inBash = (...words: readonly string[]): string[] => {
  const script = `${completionFor('bash', 'gemini-cli-relay', COMMANDS, OPTIONS)}
    COMP_WORDS=(gemini-cli-relay "$@"); COMP_CWORD=$#
    _gemini_cli_relay; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // Whatever else a shell of this machine reads when it starts (BASH_ENV) is its owner's.
  const env = { PATH: process.env['PATH'] };
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', env })
    .trim()
    .split('\n');
};

test('bash offers the commands, then the words and options of the one that stands there', () => {
  expect(inBash('')).toEqual(['serve', 'keys', '--port', '--open', '--help', '--version']);
  expect(inBash('se')).toEqual(['serve']);
  expect(inBash('keys', 'a')).toEqual(['add']);
  expect(inBash('keys', 'add', 'friend', '--m')).toEqual(['--models']);
  // Without a command it serves.
  expect(inBash('--po')).toEqual(['--port']);
  expect(inBash('--port', '8889', '--o')).toEqual(['--open']);
  expect(inBash('serve', '--')).toEqual(['--port', '--open']);
});
