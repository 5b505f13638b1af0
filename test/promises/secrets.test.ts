/** Section 9: whatever goes wrong at the finest log level, no secret and no word of a conversation comes out anywhere. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import * as scripted from '../../src/simulator/scripted.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { environmentOf, spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';
import { FAMILIES, question, rawHead, sendRaw, within } from './support.ts';

const KEY = 'canary-client-key-5d1f0a';
const SECOND_KEY = 'canary-second-key-77ab21';
const THIRD_KEY = 'canary-third-key-c0ffee';
const PROMPT = 'canary-prompt-b5e2';
const ANSWER = 'canary-answer-91fd';
const PROXY_PASSWORD = 'canary-proxy-password-18a';

let simulator: Simulator;
let folder: string;
let relay: SpawnedRelay;
let url: string;
/** Every secret of this run, by what it is. */
let secrets: ReadonlyMap<string, string>;
const answers: string[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ clients: { 'canary.apps.example': 'GOCSPX-canary-client-secret-1' } });
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  relay = spawnRelay(
    {
      ...environmentOf(simulator, folder),
      DATABASE_URL: '',
      GEMINI_AUTH_PASSWORD: KEY,
      API_KEY: SECOND_KEY,
      HF_TOKEN: THIRD_KEY,
      GEMINI_API_KEY: simulator.apiKey,
      HTTPS_PROXY: `http://user:${PROXY_PASSWORD}@127.0.0.1:9`,
      LOG_LEVEL: 'debug',
      IDLE_TIMEOUT_MS: '300',
      FIRST_BYTE_TIMEOUT_MS: '300',
      MAX_RETRIES: '1',
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'plant.ts')}`,
    },
    folder,
  );
  url = await relay.listening;
  secrets = new Map([
    ['the key', KEY],
    ['the second key', SECOND_KEY],
    ['the third key', THIRD_KEY],
    ['the access token', simulator.credentials.access_token],
    ['the refresh token', simulator.credentials.refresh_token],
    ['the API key of Gemini', simulator.apiKey],
    ['the password of the proxy', PROXY_PASSWORD],
  ]);
});

afterAll(async () => {
  relay.kill('SIGKILL');
  await relay.ended;
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

const request = async (path: string, init: RequestInit = {}): Promise<void> => {
  const response = await fetch(`${url}${path}`, {
    ...init,
    headers: { 'content-type': 'application/json', 'x-api-key': KEY, ...(init.headers as Record<string, string>) },
  });
  answers.push(JSON.stringify([...response.headers]), await response.text().catch(() => ''));
};

const converse = async (headers: Record<string, string> = {}): Promise<void> => {
  await Promise.all(
    FAMILIES.flatMap((family) =>
      [false, true].map((stream) => {
        const [path, body] = question(family, `Answer this: ${PROMPT}`, stream);
        return request(path, { method: 'POST', body: JSON.stringify(body), headers });
      }),
    ),
  );
};

/** Everything that fails in sections 2 to 5, Google's words full of secrets. */
const spoken = (): Fault =>
  faults.failing({
    code: 400,
    message: `Bad token ${simulator.credentials.access_token}, refresh ${simulator.credentials.refresh_token}, key ${simulator.apiKey}`,
  });

test('S14 to S16: a whole life at debug level, with every failure there is', async () => {
  simulator.always('generate', faults.answering(...scripted.says(`${ANSWER} one `, `${ANSWER} two`)));
  await converse();
  const failures: readonly Fault[] = [
    spoken(),
    google.rateLimited({ retryDelay: '30s' }),
    google.dailyQuota(),
    google.serverError(503),
    google.denied(),
    google.unauthorized(),
    google.contextTooLong(),
    faults.resetBeforeHeaders(),
    faults.stallBeforeHeaders(),
    faults.redirect(`https://evil.example/?token=${simulator.credentials.access_token}`),
    faults.html(500, `<p>${simulator.credentials.access_token}`),
    faults.contentType('text/plain'),
    faults.gzipped({ cutBytes: 20 }),
    faults.breakingWith(0, `{"broken": "${ANSWER}`),
    ...[faults.resetAfter(1), faults.stallAfter(1), faults.cutAfter(1), faults.garbageAfter(1)].map(
      (fault): Fault =>
        async (ask, honest) =>
          fault(ask, async () => faults.answering(...scripted.says(`${ANSWER} one `, `${ANSWER} two`))(ask, honest)),
    ),
  ];
  for (const fault of failures) {
    simulator.clear();
    simulator.always('generate', fault);
    await converse();
  }
  simulator.clear();
  await converse({ 'x-plant': 'throw' });
  await converse({ 'x-plant': 'reject' });

  // Bodies and addresses that are wrong, with secrets in every place a client may put them.
  const bad = [`{"model": "${PROMPT}`, `{"model":"${PROMPT}","messages":"${PROMPT}"}`, `["${PROMPT}"]`, `"${PROMPT}"`];
  for (const body of bad) {
    for (const family of FAMILIES) await request(question(family, '')[0], { method: 'POST', body });
  }
  for (const path of [
    `/v1/models?key=${KEY}`,
    `/nothing?key=${KEY}&q=${PROMPT}`,
    `/v1beta/models/x:generateContent?key=${KEY}`,
  ]) {
    await request(path, { headers: { 'x-request-id': `id with ${KEY}`, authorization: `Bearer ${SECOND_KEY}` } });
  }
  const { port } = new URL(url);
  const injected = rawHead('/v1/models', [`X-Api-Key: ${KEY}`, 'X-Request-Id: a%0d%0ainjected'], 'GET');
  answers.push((await sendRaw(Number(port), injected, 500)).text);
  answers.push((await sendRaw(Number(port), `GET /?key=${KEY} nonsense\r\n\r\n`, 500)).text);

  // The login ends, in every way in which it can.
  for (const fault of [
    google.serverError(500),
    faults.html(200, simulator.credentials.refresh_token),
    google.oauthError('invalid_grant', `Bad ${simulator.credentials.refresh_token}`),
  ]) {
    simulator.clear();
    simulator.expireTokens();
    simulator.always('token', fault);
    await converse();
  }
  writeFileSync(join(folder, 'oauth_creds.json'), `{"refresh_token": "${simulator.credentials.refresh_token}", broken`);
  await new Promise((resolve) => setTimeout(resolve, 2200));
  await converse();
  for (const path of ['/', '/health', '/livez', '/v1/models']) await request(path);
}, 180_000);

describe('afterwards', () => {
  const output = (): string => Object.values(relay.output()).join('\n');

  test('S15: no secret in stdout or stderr, in no spelling', async () => {
    await within(2000, 'the last lines', () => output().includes('/v1/models'));
    expect(output().length).toBeGreaterThan(10_000);
    for (const [what, secret] of secrets) {
      for (const spelling of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString('base64').slice(0, -4),
      ]) {
        expect(output().includes(spelling), what).toBe(false);
      }
    }
    for (const issued of output().matchAll(/ya29\.[\w.-]+|1\/\/[\w-]{10,}/g))
      expect(issued[0]).toBe('no token of any kind');
  });

  test('S14, S16: no word of a prompt or an answer in stdout or stderr', () => {
    expect(output()).not.toContain(PROMPT);
    expect(output()).not.toContain(ANSWER);
  });

  test('S15: no secret in any answer', () => {
    expect(answers.length).toBeGreaterThan(200);
    // What was looked for did come by.
    expect(answers.some((answer) => answer.includes(ANSWER))).toBe(true);
    for (const [what, secret] of secrets) {
      expect(
        answers.some((answer) => answer.includes(secret)),
        what,
      ).toBe(false);
    }
  });

  test('S14: each line is one JSON object, and each request one line with what it should say', () => {
    const lines = relay.output().stdout.trimEnd().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = entries.filter(({ message }) => message === 'request');
    expect(requests.length).toBe(new Set(requests.map(({ requestId }) => requestId)).size);
    for (const entry of requests) {
      for (const field of ['requestId', 'method', 'route', 'status', 'ms']) expect(entry, field).toHaveProperty(field);
      expect(String(entry['route'])).not.toMatch(/[?&=]/);
    }
    expect(output()).not.toContain('\ninjected');
  });

  test('S15: nothing was written but the credentials and the database of what was used', () => {
    const files = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
    expect(files.filter((name) => !/^(?:oauth_creds\.json|relay\.db)/.test(name))).toEqual([]);
    expect(existsSync(join(folder, 'relay.db'))).toBe(true);
    expect(existsSync(join(folder, 'oauth_creds.json'))).toBe(true);
    for (const name of files) {
      const text = readFileSync(join(folder, name), 'latin1');
      for (const word of [KEY, SECOND_KEY, THIRD_KEY, PROMPT, ANSWER]) expect(text).not.toContain(word);
    }
  });
});
