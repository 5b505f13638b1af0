import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseStartArguments } from '../../src/program/arguments.ts';
import type { StartOptions } from '../../src/program/arguments.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-command-line-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'src/main.ts'), ...args], {
    cwd: folder,
    env: { HOME: folder, PORT: '0' },
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { status, stdout, stderr };
};

const serve = (options: Partial<StartOptions> = {}) => ({
  kind: 'serve',
  options: { port: undefined, host: undefined, open: false, json: false, ...options },
});

describe('npm start --', () => {
  test.each([
    [[], serve()],
    [['--port', '9000'], serve({ port: '9000' })],
    [['--port=0'], serve({ port: '0' })],
    [['--host', '::1', '--open'], serve({ host: '::1', open: true })],
    [['--host='], { kind: 'usage', problem: '--host lacks its value' }],
    [['--port', '1', '--port', '2'], { kind: 'usage', problem: '--port is there twice' }],
    [['--json'], serve({ json: true })],
    [['-h'], { kind: 'help' }],
    [['--port'], { kind: 'usage', problem: '--port lacks its value' }],
    [['--port', '65536'], { kind: 'usage', problem: '--port takes a number from 0 to 65535' }],
    [['--help=1'], { kind: 'usage', problem: '--help takes no value' }],
    [['--colour', 'red'], { kind: 'usage', problem: 'there is no option --colour' }],
    [['-x'], { kind: 'usage', problem: 'there is no option -x' }],
    [['serve'], { kind: 'usage', problem: 'the word serve is one too many' }],
  ])('%j', (args, expected) => {
    expect(parseStartArguments(args)).toEqual(expected);
  });

  test('--help and --version are answered, and nothing is started', () => {
    expect(run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const told = run(['--version', '--json']);
    expect(JSON.parse(told.stdout)).toEqual({ name: 'gemini-cli-relay', version });
    const help = run(['--help']);
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/--port N/);
    expect(existsSync(join(folder, '.relay-key'))).toBe(false);
  });

  test('an unknown option is named, with exit code 2', () => {
    const { status, stdout, stderr } = run(['--prot', '9000']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Not understood: there is no option --prot\.\n\nnpm start -- /);
  });
});
