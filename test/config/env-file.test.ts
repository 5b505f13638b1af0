import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { loadEnvironment } from '../../src/config/env-file.ts';
import { parseEnvText } from '../../src/config/env-text.ts';

const JSON_TEXT = '{"refresh_token":"1//0a=b#c","n":{"x":"}"}}';

describe('T3: a .env as people write it', () => {
  test.each([
    ['blanks round =', 'A = b', { A: 'b' }],
    ['export', 'export A=b', { A: 'b' }],
    ['a comment behind', 'A=b # why', { A: 'b' }],
    ['single-quoted JSON', `A='${JSON_TEXT}'\nB=2`, { A: JSON_TEXT, B: '2' }],
    ['double-quoted JSON', `A="${JSON_TEXT}"\nB=2`, { A: JSON_TEXT, B: '2' }],
    ['double-quoted JSON with escapes', `A="${JSON_TEXT.replaceAll('"', '\\"')}"\nB=2`, { A: JSON_TEXT, B: '2' }],
    ['bare JSON', `A=${JSON_TEXT}\nB=2`, { A: JSON_TEXT, B: '2' }],
    ['bare JSON over lines', 'A={\n  "token": "1//0x=y"\n}\nB = 2', { A: '{\n  "token": "1//0x=y"\n}', B: '2' }],
    ['quoted JSON over lines', 'A=\'{\n  "x": "y"\n}\'\nB=2', { A: '{\n  "x": "y"\n}', B: '2' }],
    ['two objects', 'A={"a":1}\r\nB={"b":2}\r\nC=3', { A: '{"a":1}', B: '{"b":2}', C: '3' }],
    ['nothing but a blank behind =', 'A= \nB=2\nC=\t\r\nD=3\nE= ', { A: '', B: '2', C: '', D: '3', E: '' }],
    ['base64', 'A=eyJhIjoxfQ==', { A: 'eyJhIjoxfQ==' }],
  ])('%s', (_name, text, values) => {
    expect(parseEnvText(text)).toEqual(values);
  });

  test('broken JSON is left as Node reads it, for the reader of credentials to complain about', () => {
    expect(parseEnvText('A={"a":\nB=2')).toEqual({ A: '{"a":', B: '2' });
  });
});

describe('loadEnvironment', () => {
  let folder = '';
  const file = () => join(folder, '.env');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'relay-env-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('what is set already wins over the file', () => {
    writeFileSync(file(), 'PORT=1\nHOST=h');
    expect(loadEnvironment({ PORT: '2' }, file()).env).toEqual({ PORT: '2', HOST: 'h' });
  });

  // Linux refuses to read the first page of a process' memory, for root as well.
  test.runIf(process.platform === 'linux')('one that the system refuses to read is told with what may help', () => {
    symlinkSync('/proc/self/mem', file());
    const read = () => loadEnvironment({}, file());
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/cannot be read \(EIO\)\. It may pass: start again, and if it stays, see to its disk\.$/);
  });

  test('no file is no problem', () => {
    expect(loadEnvironment({ A: 'b' }, file())).toMatchObject({ env: { A: 'b' }, file: undefined, warnings: [] });
  });

  test.each([
    ['a byte order mark', Buffer.from('\ufeffPORT=1')],
    ['UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('PORT=1', 'utf16le')])],
  ])('%s does not hide the first line', (_name, bytes) => {
    writeFileSync(file(), bytes);
    expect(loadEnvironment({}, file()).env).toEqual({ PORT: '1' });
  });

  test('a directory in its place is named', () => {
    mkdirSync(file());
    expect(() => loadEnvironment({}, file())).toThrow(ConfigError);
    expect(() => loadEnvironment({}, file())).toThrow(/\.env is a directory/);
  });

  test('a file that cannot be read is named with the way out', () => {
    writeFileSync(file(), 'PORT=1');
    chmodSync(file(), 0);
    // The superuser can read everything.
    if (process.getuid?.() === 0) expect(loadEnvironment({}, file()).env).toEqual({ PORT: '1' });
    else expect(() => loadEnvironment({}, file())).toThrow(/cannot be read \(EACCES\).*chmod 600/);
  });

  test('a misplaced file is pointed out', () => {
    writeFileSync(join(folder, '.env.txt'), 'PORT=1');
    expect(loadEnvironment({}, file()).warnings).toEqual([expect.stringContaining('.env.txt')]);
  });
});
