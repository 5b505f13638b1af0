/** Somebody who comes from geminicli2api keeps the .env and the credentials file. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';

let google: Simulator;
let folder: string;
let relay: SpawnedRelay | undefined;
beforeEach(async () => {
  google = await startSimulator({ account: { standing: 'standard-own-project', ownProjects: ['my-old-project'] } });
  folder = mkdtempSync(join(tmpdir(), 'relay-upgrade-'));
});
afterEach(async () => {
  relay?.kill();
  await relay?.ended;
  await google.close();
  rmSync(folder, { recursive: true, force: true });
});

const KEY = 'my-old-password-0123';

/** As that program writes it: Python's isoformat, with microseconds and an offset, and the project beside the tokens. */
const oldCredentials = (expiry: string): Record<string, unknown> => ({
  client_id: google.authorizedUser['client_id'],
  client_secret: google.authorizedUser['client_secret'],
  token: google.authorizedUser['token'],
  refresh_token: google.authorizedUser['refresh_token'],
  scopes: [
    'https://www.googleapis.com/auth/cloud-platform',
    'https://www.googleapis.com/auth/userinfo.email',
    'https://www.googleapis.com/auth/userinfo.profile',
  ],
  token_uri: google.tokenUrl,
  expiry,
  project_id: 'my-old-project',
});

const GONE = '2024-01-02T03:04:05.678901+00:00';

/** With the simulator in place of Google; everything else comes from the old .env. */
const start = async (env: string): Promise<string> => {
  writeFileSync(join(folder, '.env'), env);
  relay = spawnRelay({ HOME: folder, PORT: '0', CODE_ASSIST_ENDPOINT: google.url }, folder);
  return relay.listening;
};

const ask = async (url: string, headers: Record<string, string>, query = ''): Promise<[number, string]> => {
  const response = await fetch(`${url}/v1/chat/completions${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gemini-2.5-pro-search', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return [response.status, await response.text()];
};

const projectAsked = (): unknown => (google.asked('generate')[0]?.body as { project?: unknown } | undefined)?.project;

test('the file is read, renewed, and written back as that program writes it', async () => {
  const path = join(folder, 'oauth_creds.json');
  writeFileSync(path, JSON.stringify(oldCredentials(GONE), undefined, 2));
  const url = await start(`
# Required: password for API access
GEMINI_AUTH_PASSWORD=${KEY}
# Option 2: path to the credentials file
GOOGLE_APPLICATION_CREDENTIALS=oauth_creds.json
# Optional
#GOOGLE_CLOUD_PROJECT=
HOST=127.0.0.1
`);
  expect(await ask(url, { authorization: `Bearer ${KEY}` })).toEqual([200, expect.stringContaining('Simulated')]);
  expect(projectAsked()).toBe('my-old-project');

  await expect.poll(() => JSON.parse(readFileSync(path, 'utf8')) as unknown).not.toHaveProperty('expiry', GONE);
  const written = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect(Object.keys(written)).toEqual(Object.keys(oldCredentials(GONE)));
  expect(written).toMatchObject({ ...oldCredentials(GONE), token: written['token'], expiry: written['expiry'] });
  expect(written['token']).not.toBe(google.authorizedUser['token']);
  // What Python's datetime.fromisoformat reads, with the offset that makes it aware.
  expect(written['expiry']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00$/);
  expect(Date.parse(String(written['expiry']))).toBeGreaterThan(Date.now() + 3_000_000);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('GEMINI_CREDENTIALS on one line, with all that stood in that .env', async () => {
  const url = await start(`
GEMINI_AUTH_PASSWORD=${KEY}
GEMINI_CREDENTIALS=${JSON.stringify(oldCredentials(GONE))}
GOOGLE_CLOUD_PROJECT=my-old-project
HOST=127.0.0.1
`);
  for (const [headers, query] of [
    [{ authorization: `Bearer ${KEY}` }, ''],
    [{ authorization: `Basic ${btoa(`anyone:${KEY}`)}` }, ''],
    [{ 'x-goog-api-key': KEY }, ''],
    [{}, `?key=${KEY}`],
  ] as const) {
    expect((await ask(url, headers, query))[0]).toBe(200);
  }
  expect(projectAsked()).toBe('my-old-project');
  expect(google.asked('token')).toHaveLength(1);
  expect(existsSync(join(folder, 'oauth_creds.json'))).toBe(false);
});

test('GEMINI_PROJECT_ID, its other name for the project', async () => {
  const { project_id: _, ...withoutProject } = oldCredentials(GONE);
  writeFileSync(join(folder, 'oauth_creds.json'), JSON.stringify(withoutProject));
  const url = await start(`GEMINI_AUTH_PASSWORD="${KEY}"\nGEMINI_PROJECT_ID="my-old-project"\n`);
  expect((await ask(url, { authorization: `Bearer ${KEY}` }))[0]).toBe(200);
  expect(projectAsked()).toBe('my-old-project');
});

test('its default password still serves on this machine, with a word about it', async () => {
  writeFileSync(join(folder, 'oauth_creds.json'), JSON.stringify(oldCredentials(GONE)));
  const url = await start('GEMINI_AUTH_PASSWORD=123456\n');
  expect((await ask(url, { authorization: 'Bearer 123456' }))[0]).toBe(200);
  expect(relay?.output().stdout).toContain('GEMINI_AUTH_PASSWORD is easy to guess');
});

test('its addresses, and the names of its models', async () => {
  writeFileSync(join(folder, 'oauth_creds.json'), JSON.stringify(oldCredentials(GONE)));
  const url = await start(`GEMINI_AUTH_PASSWORD=${KEY}\n`);
  const get = async (path: string): Promise<string> =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${KEY}` } })).text();
  const ids = (JSON.parse(await get('/v1/models')) as { data: { id: string }[] }).data.map(({ id }) => id);
  expect(ids).toEqual(
    expect.arrayContaining([
      ...['gemini-2.5-pro', 'gemini-2.5-flash', 'gemini-2.5-pro-search', 'gemini-2.5-flash-nothinking'],
      'gemini-2.5-pro-maxthinking',
    ]),
  );
  expect(JSON.parse(await get('/v1beta/models'))).toHaveProperty('models');
  expect(await get('/')).toContain('/v1/chat/completions');
  const native = await fetch(`${url}/v1beta/models/gemini-2.5-flash:generateContent?key=${KEY}`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
  });
  expect([native.status, await native.text()]).toEqual([200, expect.stringContaining('"finishReason"')]);
});

test('login --import takes the old file over into a place of its own, and leaves the old one alone', async () => {
  const old = join(folder, 'old.json');
  const text = JSON.stringify(oldCredentials(GONE));
  writeFileSync(old, text);
  const path = join(folder, 'data', 'oauth_creds.json');
  const script = new URL('../../scripts/login.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, '--import', old], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GOOGLE_APPLICATION_CREDENTIALS: path,
      GOOGLE_OAUTH_TOKEN_URL: google.tokenUrl,
      CODE_ASSIST_ENDPOINT: google.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect([code, output]).toEqual([0, expect.stringContaining(`The login is kept in ${path}`)]);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    project_id: 'my-old-project',
    client_id: google.authorizedUser['client_id'],
  });
  expect(readFileSync(old, 'utf8')).toBe(text);
});
