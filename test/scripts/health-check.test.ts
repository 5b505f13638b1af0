import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { filesIn } from '../diagnosis/rig.ts';
import { spawnRelay } from '../support/relay.ts';

const script = fileURLToPath(new URL('../../scripts/health-check.ts', import.meta.url));
const KEY = 'kJ8-in-the-env-file-of-this-test';

let folder: string;
let google: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'health-script-'));
  google = await startSimulator();
  writeFileSync(join(folder, 'oauth_creds.json'), JSON.stringify(google.credentials), { mode: 0o600 });
});

afterEach(async () => {
  await google.close();
  rmSync(folder, { recursive: true, force: true });
});

const writeEnv = (port: string): void => {
  const lines = [
    `PORT=${port}`,
    `GEMINI_AUTH_PASSWORD = "${KEY}"`,
    `CODE_ASSIST_ENDPOINT=${google.url}`,
    `GOOGLE_OAUTH_TOKEN_URL=${google.tokenUrl}`,
  ];
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`);
};

interface Run {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** No PATH: this machine's Docker is not asked. */
const run = (...args: string[]): Promise<Run> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: folder, env: { PATH: '', HOME: folder } });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('close', (exit) => {
      resolve({ exit, out, err });
    });
  });

test('beside a relay that serves: exit 0, one JSON object, no file changed', async () => {
  writeEnv('0');
  const relay = spawnRelay({ HOME: folder, LOG_FORMAT: 'json', DATABASE_URL: 'none' }, folder);
  try {
    writeEnv(new URL(await relay.listening).port);
    const before = filesIn(folder);
    const { exit, out, err } = await run('--json', '--generate');
    const report = JSON.parse(out) as { ok: boolean; checks: { id: string; status: string }[] };
    expect(report.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(report.checks.find(({ id }) => id === 'generate')).toMatchObject({ status: 'pass' });
    expect([exit, report.ok, err]).toEqual([0, true, '']);
    expect(filesIn(folder)).toEqual(before);
    expect(out).not.toContain(KEY);
    expect((await fetch(`${await relay.listening}/health`)).status).toBe(200);
  } finally {
    relay.kill();
    await relay.ended;
  }
});

test('without a relay: exit 1, a line for people, no colour off a terminal', async () => {
  writeEnv('1');
  const { exit, out, err } = await run('--verbose');
  expect([exit, err]).toEqual([1, '']);
  expect(out).toMatch(/^✔ env-file +\.env: 4 variables$/m);
  expect(out).toMatch(
    /^✖ service +nothing answers on 127\.0\.0\.1:1: connection refused → Start the relay: npm start/m,
  );
  expect(out).not.toContain('\u001b');
  expect(out).not.toContain(KEY);
});

test('an option that is not known: usage, exit 2', async () => {
  const { exit, out, err } = await run('--colour');
  expect([exit, out]).toEqual([2, '']);
  expect(err).toContain('Not understood: there is no option --colour.');
  expect(err).toContain('npm run health -- [options]');
});
