/** The first start as a person has it: on a pseudo-terminal (`script` of util-linux). */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';

const PROGRAM = new URL('../../scripts/gemini-cli-relay.ts', import.meta.url).pathname;

interface Terminal {
  seen(): string;
  type(line: string): void;
  end(): Promise<void>;
}

const onTerminal = (folder: string, env: NodeJS.ProcessEnv): Terminal => {
  const terminal = spawn('script', ['-qfec', `${process.execPath} ${PROGRAM} --port 0`, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TERM: 'xterm', ...env },
    detached: true,
  });
  let seen = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  return {
    seen: () => seen,
    type: (line) => terminal.stdin.write(`${line}\n`),
    end: async () => {
      if (terminal.exitCode !== null) return;
      const closed = new Promise((resolve) => terminal.once('close', resolve));
      if (terminal.pid !== undefined) process.kill(-terminal.pid, 'SIGTERM');
      await closed;
    },
  };
};

test('asks for a key, checks it, keeps it, and serves', async () => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'relay-first-run-'));
  const terminal = onTerminal(folder, { GEMINI_API_ENDPOINT: simulator.url });
  const shows = (words: string) => expect.poll(() => terminal.seen(), { timeout: 15_000 }).toContain(words);
  try {
    await shows('1, 2, 3 or 4:');
    terminal.type('1');
    await shows('The key');
    terminal.type('AQ.wrong-key-0123456789');
    await shows('Google refuses this key');
    terminal.type(simulator.apiKey);
    await shows('Google takes the key.');
    await shows('ready');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(`GEMINI_API_KEY=${simulator.apiKey}\n`);
    expect(terminal.seen()).toMatch(/gemini-api/);
  } finally {
    await terminal.end();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('Ctrl-C in the login leaves what was entered before it, and says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-first-run-'));
  const terminal = onTerminal(folder, { BROWSER: 'none' });
  const shows = (words: string) => expect.poll(() => terminal.seen(), { timeout: 15_000 }).toContain(words);
  try {
    await shows('1, 2, 3 or 4:');
    terminal.type('2');
    await shows('The id of the project');
    terminal.type('my-project-123');
    await shows('accounts.google.com');
    terminal.type('\u0003');
    await shows('The login was not finished; `.env` keeps what you entered.');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('UPSTREAM=vertex\nGOOGLE_CLOUD_PROJECT=my-project-123\n');
  } finally {
    await terminal.end();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('asks nothing where a login of Google Cloud and a project lead there already', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-first-run-'));
  mkdirSync(join(folder, '.config/gcloud'), { recursive: true });
  const login = { type: 'authorized_user', client_id: 'id', client_secret: 'secret', refresh_token: 'refresh' };
  writeFileSync(join(folder, '.config/gcloud/application_default_credentials.json'), JSON.stringify(login));
  const nowhere = 'http://127.0.0.1:1';
  const env = { GOOGLE_CLOUD_PROJECT: 'my-project-123', VERTEX_ENDPOINT: nowhere, GOOGLE_OAUTH_TOKEN_URL: nowhere };
  const terminal = onTerminal(folder, env);
  try {
    await expect.poll(() => terminal.seen(), { timeout: 15_000 }).toContain('Listening');
    expect(terminal.seen()).not.toContain('1, 2, 3 or 4:');
    expect(terminal.seen()).toMatch(/vertex: There are Application Default Credentials/);
  } finally {
    await terminal.end();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('with a login of Google Cloud it asks for the project alone, and a folder that cannot be written ends no start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-first-run-'));
  const gcloud = join(folder, '.config/gcloud');
  mkdirSync(gcloud, { recursive: true });
  const login = { type: 'authorized_user', client_id: 'id', client_secret: 'secret', refresh_token: 'refresh' };
  writeFileSync(join(gcloud, 'application_default_credentials.json'), JSON.stringify(login));
  // Nobody writes through a link that leads nowhere, not even root.
  symlinkSync(join(folder, 'nowhere/.env'), join(folder, '.env'));
  const nowhere = 'http://127.0.0.1:1';
  const terminal = onTerminal(folder, { VERTEX_ENDPOINT: nowhere, GOOGLE_OAUTH_TOKEN_URL: nowhere });
  const shows = (words: string | RegExp) => expect.poll(() => terminal.seen(), { timeout: 15_000 }).toMatch(words);
  try {
    await shows('1, 2, 3 or 4:');
    terminal.type('2');
    await shows('The id of the project');
    terminal.type('my-project-123');
    await shows(/\.env cannot be written here \(ENOENT\)/);
    await shows('Listening');
    expect(terminal.seen()).toMatch(
      /credentials of Google Cloud on this machine go with it[^]*vertex: UPSTREAM is set/,
    );
    expect(terminal.seen()).not.toContain('Please read first');
  } finally {
    await terminal.end();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('is not called ready before Google has answered, and then is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-first-run-'));
  const waiting: ServerResponse[] = [];
  const google = createServer((_request, response) => waiting.push(response));
  await new Promise<void>((resolve) => google.listen(0, '127.0.0.1', resolve));
  const { port } = google.address() as AddressInfo;
  const terminal = onTerminal(folder, { GEMINI_API_ENDPOINT: `http://127.0.0.1:${port}`, GEMINI_API_KEY: 'AQ.key' });
  const shows = (words: RegExp) => expect.poll(() => terminal.seen(), { timeout: 15_000 }).toMatch(words);
  try {
    await shows(/State .*serving, but Google has not answered yet\./);
    expect(terminal.seen()).not.toMatch(/\bready upstream=/);
    for (const response of waiting) response.setHeader('content-type', 'application/json').end('{"totalTokens":1}');
    await shows(/\bready\S* .*gemini-api/);
  } finally {
    await terminal.end();
    google.closeAllConnections();
    google.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
