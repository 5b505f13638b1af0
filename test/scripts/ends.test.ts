/** Each command ends with its own code and its own word, whatever the network, the terminal and the reader do. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { freePort } from '../services/service.ts';
import { startDroppingAddress } from '../support/dropping-address.ts';
import { runScript } from './command.ts';
import type { CommandOptions, CommandRun } from './command.ts';

/** Nobody listens there: listening needs rights that no test run has used. */
const CLOSED = 'http://127.0.0.1:1';
const NOWHERE = 'https://no-such-host.invalid';
/** Stands for a port that is taken. */
const BUSY = 'BUSY';
/** The longest that a command waits for a network that says nothing is half a minute; this machine may be busy. */
const LIMIT_MS = 120_000;

const cleanUps: (() => Promise<unknown>)[] = [];
/** What Google's addresses are there. */
const addresses: Record<string, { readonly token: string; readonly models: string }> = {};
const addAddress = (network: string, url: string): void => {
  addresses[network] = { token: `${url}/token`, models: url };
};
addAddress('refused', CLOSED);
addAddress('no network', NOWHERE);
let slow: Simulator;
let busyPort: number;

beforeAll(async () => {
  const blackHole = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => blackHole.listen(0, '127.0.0.1', resolve));
  busyPort = (blackHole.address() as AddressInfo).port;
  addAddress('black hole', `http://127.0.0.1:${busyPort}`);
  const dropping = await startDroppingAddress();
  addAddress('dropped', `http://127.0.0.1:${dropping.port}`);
  slow = await startSimulator();
  slow.always('any', slowHeaders(700));
  addresses['slow'] = { token: slow.tokenUrl, models: slow.url };
  cleanUps.push(
    () => slow.close(),
    () => dropping.close(),
    () => new Promise((resolve) => blackHole.close(resolve)),
  );
});

afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp();
});

interface Ended extends CommandRun {
  readonly folder: string;
}

const ended = async (
  network: string,
  name: Parameters<typeof runScript>[0],
  args: readonly string[],
  more: Partial<CommandOptions> = {},
): Promise<Ended> => {
  const folder = mkdtempSync(join(tmpdir(), 'ends-'));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const expired = JSON.stringify({ ...slow.credentials, expiry_date: 1 });
  writeFileSync(join(folder, 'oauth_creds.json'), expired, { mode: 0o600 });
  writeFileSync(join(folder, 'cli.json'), expired);
  const { token, models } = addresses[network] ?? { token: '', models: '' };
  const env = { GOOGLE_OAUTH_TOKEN_URL: token, CODE_ASSIST_ENDPOINT: models, PORT: '1', ...more.env };
  const run = await runScript(name, args, { ...more, folder, env });
  expect(run.out + run.err).not.toMatch(/unsettled|\n\s+at |EPIPE|Unhandled/);
  return { ...run, folder };
};

/** Those that take longest go first, beside the others. */
const NETWORKS = ['black hole', 'dropped', 'no network', 'refused', 'slow'];

describe.concurrent.each(NETWORKS)('%s', (network) => {
  const answers = network === 'slow';

  test('health', { timeout: LIMIT_MS }, async () => {
    const { exit, out } = await ended(network, 'health-check', []);
    expect(exit).toBe(1);
    const cause = { 'no network': 'dns, service', slow: 'service' }[network] ?? 'token-endpoint, service';
    expect(out).toMatch(new RegExp(`^✖ \\d+ of \\d+ checks failed: ${cause}\\.$`, 'm'));
  });

  test('health --json', { timeout: LIMIT_MS }, async () => {
    const { exit, out } = await ended(network, 'health-check', ['--json', '--generate']);
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: { id: string; status: string }[] };
    expect([exit, ok]).toEqual([1, false]);
    expect(checks.find(({ id }) => id === 'token-refresh')?.status).toBe(answers ? 'pass' : 'skip');
  });

  test('health --bundle', { timeout: LIMIT_MS }, async () => {
    const { exit, folder } = await ended(network, 'health-check', ['--bundle', 'report.md']);
    expect(exit).toBe(1);
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('## Checks');
  });

  test('login, with an expired login', { timeout: LIMIT_MS }, async () => {
    const { exit, out, err, folder } = await ended(network, 'login', ['--port', '0']);
    expect(exit).toBe(answers ? 0 : 1);
    if (answers) expect(out).toContain('There is a login already');
    else expect(err).toMatch(/cannot be checked now \(.+\), and is kept.*npm run login -- --port 0/);
    expect(existsSync(join(folder, 'oauth_creds.json'))).toBe(true);
  });

  test('login --import', { timeout: LIMIT_MS }, async () => {
    const { exit, out, err } = await ended(network, 'login', ['--force', '--import', 'cli.json']);
    expect(exit).toBe(answers ? 0 : 1);
    if (answers) expect(out).toContain('Logged in as owner@example.com');
    else expect(err).toMatch(/token service does not work.*npm run login -- --import cli\.json --force/);
  });

  test('login --no-browser, with the port taken and nobody at the terminal', { timeout: LIMIT_MS }, async () => {
    const args = ['--force', '--no-browser', '--port', String(busyPort)];
    const { exit, out, err } = await ended(network, 'login', args);
    expect(exit).toBe(1);
    expect(out).toContain(`Port ${busyPort} is in use`);
    expect(err).toContain(`npm run login -- --no-browser --port ${busyPort} --force`);
  });

  test('login --no-browser, with a code piped in that Google does not know', { timeout: LIMIT_MS }, async () => {
    const args = ['--force', '--no-browser', '--port', '0'];
    const { exit, err } = await ended(network, 'login', args, { input: '4/0Ab-made-up-code\n' });
    expect(exit).toBe(1);
    expect(err).toMatch(answers ? /Google did not accept the code/ : /token service does not work/);
  });

  test('serve ends when it is told to, whatever Google does', { timeout: LIMIT_MS }, async () => {
    const servesAt = await freePort();
    const { exit, out } = await ended(network, 'gemini-cli-relay', ['serve', '--port', String(servesAt)], { servesAt });
    expect([exit, out.includes('"message":"listening"')]).toEqual([0, true]);
  });
});

describe.concurrent.each(NETWORKS.filter((network) => network !== 'slow'))('a database beyond: %s', (network) => {
  test.each([
    ['keys', ['add', 'phone']],
    ['usage', ['--json']],
  ] as const)('%s %j', { timeout: LIMIT_MS }, async (name, args) => {
    const { host } = new URL(addresses[network]?.models ?? '');
    const env = { DATABASE_URL: `postgres://relay:canary@${host}/relay` };
    const { exit, out, err } = await ended(network, name, args, { env });
    expect([exit, out]).toEqual([1, '']);
    expect(err).toMatch(/^The database cannot be reached\. See that it runs and that DATABASE_URL names it\.\n$/);
  });
});

describe.concurrent('without a standard input', () => {
  test.each([
    ['health-check', [], 1],
    ['login', ['--force', '--no-browser', '--port', BUSY], 1],
    ['login', ['--force', '--import', 'cli.json'], 1],
    ['keys', ['add', 'phone'], 0],
    ['usage', [], 0],
    ['gemini-cli-relay', ['completion', 'bash'], 0],
  ] as const)('%s %j', { timeout: LIMIT_MS }, async (name, args, code) => {
    const words = args.map((word) => (word === BUSY ? String(busyPort) : word));
    expect((await ended('refused', name, words, { inputClosed: true })).exit).toBe(code);
  });

  test.each(['serve', 'demo'])('%s', { timeout: LIMIT_MS }, async (command) => {
    const servesAt = await freePort();
    const env = { PORT: String(servesAt) };
    expect((await ended('refused', 'gemini-cli-relay', [command], { env, servesAt, inputClosed: true })).exit).toBe(0);
  });
});

describe.concurrent('a reader that is gone', () => {
  test.each([
    [[], 1],
    [['--verbose'], 1],
    [['--json'], 1],
    [['--help'], 0],
    [['--what'], 2],
  ])('health %j', { timeout: LIMIT_MS }, async (args, code) => {
    expect((await ended('refused', 'health-check', args, { readerGone: true })).exit).toBe(code);
  });

  test('health --bundle still writes its report', { timeout: LIMIT_MS }, async () => {
    const { exit, folder } = await ended('refused', 'health-check', ['--bundle', 'r.md'], { readerGone: true });
    expect(exit).toBe(1);
    expect(readFileSync(join(folder, 'r.md'), 'utf8')).toContain('## Checks');
  });

  test.each([
    [['--port', '0'], 1],
    [['--import', 'cli.json', '--force'], 1],
    [['--help'], 0],
    [['--what'], 2],
  ])('login %j', { timeout: LIMIT_MS }, async (args, code) => {
    const { exit } = await ended('refused', 'login', args, { readerGone: true });
    // Whoever does not see the address cannot log in: the login ends itself, as by Ctrl-C.
    expect([code, 130]).toContain(exit);
  });

  test.each([
    [['completion', 'zsh'], 0],
    [['completion'], 2],
    [['keys', 'list'], 0],
    [['keys', 'add', 'phone', '--json'], 0],
    [['usage', '--json'], 0],
    [['serve', '--help'], 0],
    [['serve', '--version'], 0],
    [['serve', '--what'], 2],
    [['demo', '--help'], 0],
    [['--help'], 0],
    [['--version'], 0],
    [['what'], 2],
  ])('%j', { timeout: LIMIT_MS }, async (args, code) => {
    expect((await ended('refused', 'gemini-cli-relay', args, { readerGone: true })).exit).toBe(code);
  });

  test.each(['serve', 'demo'])('%s goes on, and leaves nothing behind', { timeout: LIMIT_MS }, async (command) => {
    const servesAt = await freePort();
    const temporary = mkdtempSync(join(tmpdir(), 'ends-'));
    cleanUps.push(() => rm(temporary, { recursive: true, force: true }));
    const env = { PORT: String(servesAt), TMPDIR: temporary };
    expect((await ended('refused', 'gemini-cli-relay', [command], { env, servesAt, readerGone: true })).exit).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('login --no-browser does not wait for an answer to what nobody read', { timeout: LIMIT_MS }, async () => {
    const args = ['--no-browser', '--port', '0', '--force'];
    expect((await ended('refused', 'login', args, { readerGone: true })).exit).toBe(130);
  });
});
