import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';

const script = fileURLToPath(new URL('../../scripts/login.ts', import.meta.url));
let directory: string;
let google: Simulator;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'login-script-'));
  google = await startSimulator();
});

afterEach(async () => {
  await google.close();
  rmSync(directory, { recursive: true, force: true });
});

interface Run {
  readonly exit: number | null;
  readonly output: string;
}

/** The script in a directory of its own; `onAddress` plays the person at the terminal. */
const run = async (
  args: readonly string[],
  onAddress: (address: string, type: (line: string) => void, kill: (signal: NodeJS.Signals) => void) => void = () =>
    undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Run> => {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      GOOGLE_OAUTH_AUTH_URL: google.authUrl,
      GOOGLE_OAUTH_TOKEN_URL: google.tokenUrl,
      CODE_ASSIST_ENDPOINT: google.url,
      ...env,
    },
  });
  let output = '';
  let asked = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const address = /^(?:\{"message":")?(http[^\s"]+\/auth\?[^\s"]+)(?:"|$)/m.exec(output)?.[1];
    if (address === undefined || asked) return;
    asked = true;
    onAddress(
      address,
      (line) => child.stdin.write(`${line}\n`),
      (signal) => child.kill(signal),
    );
  });
  const exit = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { exit, output };
};

const backOf = async (address: string): Promise<string> =>
  (await fetch(address, { redirect: 'manual' })).headers.get('location') ?? '';

test('logs in by the browser that comes back, and names tier and project', async () => {
  const { exit, output } = await run(['--no-browser', '--port', '0'], (address) => {
    void backOf(address).then((back) => fetch(back));
  });
  expect(output).toMatch(/Logged in as owner@example\.com/);
  expect(exit).toBe(0);
  expect(output).toContain(google.account.project);
  const file = join(directory, 'oauth_creds.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('refresh_token');
});

test('--json: all that is said, a line of JSON for each, and how it ended', async () => {
  const { exit, output } = await run(['--json', '--no-browser', '--port', '0'], (address) => {
    void backOf(address).then((back) => fetch(back));
  });
  expect(exit).toBe(0);
  const lines = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.at(-1)).toEqual({ ok: true, file: join(directory, 'oauth_creds.json') });
  const said = lines.slice(0, -1);
  for (const line of said)
    expect(line).toEqual({ message: expect.any(String) as unknown, tone: expect.any(String) as unknown });
  expect(said.find(({ tone }) => tone === 'address')).toBeDefined();
  expect(said.find(({ tone }) => tone === 'good')?.['message']).toMatch(/^Logged in as owner@example\.com/);
});

test('logs in by pasting', async () => {
  const { exit } = await run(['--no-browser', '--port', '0'], (address, type) => {
    void backOf(address).then(type);
  });
  expect(exit).toBe(0);
});

test('an account that Code Assist does not serve keeps its login and learns the ways out', async () => {
  google.account.standing = 'unsupported-client';
  const { exit, output } = await run(['--no-browser', '--port', '0'], (address, type) => {
    void backOf(address).then(type);
  });
  expect(exit).toBe(0);
  expect(output).toMatch(/The login is saved, but .*GEMINI_API_KEY/);
  expect(output).toMatch(/^Next: a key, .*aistudio\.google\.com\/apikey.*UPSTREAM=gemini-api/m);
  expect(existsSync(join(directory, 'oauth_creds.json'))).toBe(true);
});

test('Ctrl-C: 130, and no file', async () => {
  const { exit, output } = await run(['--no-browser', '--port', '0'], (_, __, kill) => {
    kill('SIGINT');
  });
  expect(output).toContain('Interrupted');
  expect(exit).toBe(130);
  expect(existsSync(join(directory, 'oauth_creds.json'))).toBe(false);
});

test('a question of usage: 2, without the terms', async () => {
  const { exit, output } = await run(['--what']);
  expect(exit).toBe(2);
  expect(output).toContain('Not understood: there is no option --what.');
  expect(output).toContain('npm run login -- [options]');
});

test('--help: 0', async () => {
  expect(await run(['--help'])).toMatchObject({ exit: 0 });
});

test('a setting that does not parse: 1, one line that names it', async () => {
  const { exit, output } = await run([], undefined, { GOOGLE_OAUTH_TOKEN_URL: 'http://example.com/token' });
  expect(exit).toBe(1);
  expect(output).toContain('GOOGLE_OAUTH_TOKEN_URL');
  expect(output).not.toMatch(/\n\s+at /);
});

test('the container, which listens on all addresses and may have no key yet, can log in', async () => {
  const { exit } = await run(
    ['--no-browser', '--port', '0'],
    (address, type) => {
      void backOf(address).then(type);
    },
    { HOST: '0.0.0.0' },
  );
  expect(exit).toBe(0);
});

test('--import, with .env read from the working directory', async () => {
  writeFileSync(join(directory, '.env'), 'GOOGLE_APPLICATION_CREDENTIALS=kept/creds.json\n');
  writeFileSync(join(directory, 'cli.json'), JSON.stringify({ ...google.credentials, expiry_date: 1 }));
  const { exit, output } = await run(['--import', 'cli.json']);
  expect(output).toContain('owner@example.com');
  expect(exit).toBe(0);
  expect(existsSync(join(directory, 'kept', 'creds.json'))).toBe(true);
});
