/** The word `help` in the place of a command prints what `--help` does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLoginArguments } from '../../src/credentials/login-arguments.ts';
import { parseKeysArguments } from '../../src/keys/command/arguments.ts';
import { COMMANDS } from '../../src/terminal/commands.ts';
import { runScript } from './command.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-help-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const LIMIT_MS = 60_000;
const said = (...args: readonly string[]) => runScript('gemini-cli-relay', args, { folder });

describe.each(Object.keys(COMMANDS))('%s', (command) => {
  test('help, and help before it', { timeout: LIMIT_MS }, async () => {
    const expected = await said(command, '--help');
    expect(expected).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(/\w/) as string });
    expect(await said(command, 'help')).toEqual(expected);
    expect(await said('help', command)).toEqual(expected);
  });
});

test('alone it is about all commands', { timeout: LIMIT_MS }, async () => {
  expect(await said('help')).toEqual(await said('--help'));
});

test('further on it is a name like any other', () => {
  expect(parseKeysArguments(['add', 'help'], 0)).toMatchObject({ kind: 'add', name: 'help' });
  expect(parseKeysArguments(['help', 'add'], 0)).toEqual({ kind: 'help' });
  expect(parseLoginArguments(['--import', 'help'])).toMatchObject({ options: { importFrom: { file: 'help' } } });
});
