/** Section 7 of the promises, through the whole relay and, for the start, the process. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCallers } from '../../src/callers/caller.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { RELAY_KEY, environmentOf, spawnRelay, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { best, rawHead, sendRaw } from './support.ts';
import { allowed } from '../support/machine.ts';

const SECOND = 'a-second-key-of-the-tests-9876543210';

let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay({ env: { API_KEY: SECOND } });
});

afterAll(async () => {
  await relay.close();
});

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

/** A request without the relay's key but for what is given. */
const bare = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${relay.url}${path}`, { method, headers });

describe('S4, S5: what lets in', () => {
  const WAYS: readonly (readonly [string, string, Record<string, string>])[] = [
    ['Bearer', '', { authorization: `Bearer ${RELAY_KEY}` }],
    ['bearer', '', { authorization: `bearer ${RELAY_KEY}` }],
    ['BASIC', '', { authorization: basic(`anybody:${RELAY_KEY}`).replace('Basic', 'BASIC') }],
    ['Basic without a name', '', { authorization: basic(`:${RELAY_KEY}`) }],
    ['x-goog-api-key', '', { 'x-goog-api-key': RELAY_KEY }],
    ['x-api-key', '', { 'x-api-key': RELAY_KEY }],
    ['?key=', `?key=${RELAY_KEY}`, {}],
    ['the second key', '', { 'x-api-key': SECOND }],
    ['the key beside a stranger’s token', '', { authorization: 'Bearer hf_of_the_space', 'x-api-key': RELAY_KEY }],
    ['one key twice', `?key=${RELAY_KEY}&key=${RELAY_KEY}`, {}],
  ];
  test.each(
    WAYS.flatMap(([name, query, headers]) =>
      ['/v1/models', '/v1beta/models'].map((path) => [name, path, query, headers] as const),
    ),
  )('S5: %s lets in (%s)', async (_name, path, query, headers) => {
    expect((await bare(`${path}${query}`, headers)).status).toBe(200);
  });

  const REFUSED: readonly (readonly [string, string, Record<string, string>])[] = [
    ['nothing', '', {}],
    ['an empty key', '?key=', {}],
    ['blanks', '?key=%20%20', { 'x-api-key': '  ' }],
    ['an empty Bearer', '', { authorization: 'Bearer ' }],
    ['an empty password', '', { authorization: basic('anybody:') }],
    ['Bearer with a colon', '', { authorization: `Bearer: ${RELAY_KEY}` }],
    ['the key without a scheme', '', { authorization: RELAY_KEY }],
    ['a longer key', '', { 'x-api-key': `${RELAY_KEY}x` }],
    ['a shorter key', '', { 'x-api-key': RELAY_KEY.slice(0, -1) }],
    ['another case', '', { 'x-api-key': RELAY_KEY.toUpperCase() }],
    ['two different keys in the URL', `?key=${RELAY_KEY}&key=other`, {}],
    ['both keys in one', '', { 'x-api-key': `${RELAY_KEY},${SECOND}` }],
    ['a header that a proxy would set', '', { 'x-forwarded-user': RELAY_KEY, 'x-forwarded-for': '127.0.0.1' }],
    ['a cookie', '', { cookie: `key=${RELAY_KEY}` }],
  ];
  test.each(REFUSED)('S4, S6: %s is 401, without a word on which part was wrong', async (_name, query, headers) => {
    // Each from a relay of its own: more than ten wrong keys a minute are another matter.
    const fresh = await startRelay();
    try {
      for (const path of ['/v1/models', '/v1beta/models']) {
        const response = await fetch(`${fresh.url}${path}${query}`, { headers });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
        const { error } = (await response.json()) as { error: { code: unknown; message: string; status?: string } };
        // A key in the URL is Google's way, on a path that both languages have.
        if (path === '/v1/models' && query === '') expect(error.code).toBe('invalid_api_key');
        else expect(error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED' });
        expect(error.message).not.toMatch(/length|prefix|nearly|close|expected/i);
      }
    } finally {
      await fresh.close();
    }
  });

  test('S4: a key of blanks in the configuration would let nobody in', async () => {
    const { createDoorkeeper } = await import('../../src/http/authenticate.ts');
    const doorkeeper = createDoorkeeper(createCallers([{ name: 'EMPTY', value: '  ' }]), {
      guesses: { count: () => Promise.resolve() },
    });
    const requestHeaders = { 'x-api-key': '  ', authorization: 'Bearer ' };
    const ctx = { state: { requestHeaders, urlKeys: [''] } };
    expect(doorkeeper.callerOf(ctx as never)).toBeUndefined();
  });

  test.each([
    '//health',
    '/health/../v1/models',
    '/HEALTH',
    '/health%2f..',
    '/livez/',
    '/livez;x',
    '/%2e/health',
    '/v1/../health',
    '/health%00',
    '/health%3fx',
    '/health/',
    '\\health',
  ])('S5: %s is not public', async (path) => {
    const head = rawHead(path, [], 'GET').replace(`Authorization: Bearer ${RELAY_KEY}\r\n`, '');
    const { status } = await sendRaw(relay.port, head, 500);
    expect([400, 401]).toContain(status);
  });

  test('S6: a refusal comes before the body', async () => {
    const head = rawHead('/v1/chat/completions', ['Content-Length: 60000000', 'Expect: 100-continue']);
    const ms = await best(3, async () => {
      const answer = await sendRaw(relay.port, head.replace(RELAY_KEY, ''), 2000);
      expect(answer.status).toBe(401);
      return answer.ms;
    });
    expect(ms).toBeLessThan(allowed(50));
  });
});

test('S7: after ten wrong keys wrong keys get 429, and the right one is served all the same', async () => {
  const fresh = await startRelay();
  try {
    const guess = (index: number) =>
      fetch(`${fresh.url}/v1/models`, {
        headers: { 'x-api-key': `guess-${index}`, 'x-forwarded-for': `10.0.0.${index}` },
      });
    for (let index = 0; index < 10; index += 1) expect((await guess(index)).status).toBe(401);
    const late = await Promise.all(Array.from({ length: 5 }, (_, index) => guess(10 + index)));
    for (const response of late) {
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(response.headers.get('content-type')).toContain('json');
    }
    expect((await fresh.fetch('/v1/models')).status).toBe(200);
    // One line when it begins, one when answers are slowed: not one per guess.
    expect(fresh.logs.filter((line) => line.includes('wrong key')).length).toBeLessThanOrEqual(2);
  } finally {
    await fresh.close();
  }
});

test('S8: a key in the URL is in no log line and goes to nobody', async () => {
  const response = await fetch(
    `${relay.url}/v1beta/models/gemini-2.5-flash:generateContent?key=${RELAY_KEY}&alt=json`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"contents":[{"parts":[{"text":"Hi"}]}]}',
    },
  );
  expect(response.status).toBe(200);
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(relay.logs.join('')).not.toContain(RELAY_KEY);
  expect(relay.simulator.leaks()).toEqual([]);
  for (const { path, headers, text } of relay.simulator.requests) {
    expect(JSON.stringify([path, headers, text])).not.toContain(RELAY_KEY);
  }
});

describe('S1 to S3: the start', () => {
  const withStart = async (
    env: Record<string, string | undefined>,
    work: (child: ReturnType<typeof spawnRelay>, folder: string) => Promise<void>,
  ): Promise<void> => {
    const simulator = await startSimulator();
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    const child = spawnRelay({ ...environmentOf(simulator, folder), ...env }, folder);
    try {
      await work(child, folder);
    } finally {
      child.kill('SIGKILL');
      await child.ended;
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  test('S1: without a key one of 32 bytes is made, kept for the owner alone, and shown outside the log', async () => {
    await withStart({ GEMINI_AUTH_PASSWORD: undefined }, async (child, folder) => {
      const url = await child.listening;
      const file = join(folder, '.relay-key');
      const key = readFileSync(file, 'utf8').trim();
      expect(Buffer.from(key, 'base64url')).toHaveLength(32);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect((await fetch(`${url}/v1/models`, { headers: { 'x-api-key': key } })).status).toBe(200);
      const { stdout, stderr } = child.output();
      expect(stdout).not.toContain(key);
      expect(stderr.split('\n').filter((line) => line.includes(key))).toHaveLength(1);
    });
  });

  test.each(['123456', 'pwd', 'sk-123456', 'changeme', 'your_password_here', 'your-key', 'short'])(
    'S2: %s on a public address ends the start with 78 and the name of the variable, never the value',
    async (value) => {
      await withStart({ GEMINI_AUTH_PASSWORD: value, HOST: '0.0.0.0' }, async (child) => {
        const startedAt = performance.now();
        expect(await child.ended).toBe(78);
        expect(performance.now() - startedAt).toBeLessThan(allowed(2000));
        const { stdout, stderr } = child.output();
        expect(stderr).toContain('GEMINI_AUTH_PASSWORD');
        expect(stderr.trim().split('\n')).toHaveLength(1);
        if (value.length > 5) expect(`${stdout}${stderr}`).not.toContain(value);
      });
    },
  );

  test('S2: ALLOW_WEAK_KEY=1 lets it serve, with a warning', async () => {
    await withStart({ GEMINI_AUTH_PASSWORD: '123456', HOST: '0.0.0.0', ALLOW_WEAK_KEY: '1' }, async (child) => {
      await child.listening;
      expect(child.output().stdout).toContain('easy to guess');
    });
  });

  test('S3: by default it listens on this machine alone', async () => {
    await withStart({ HOST: undefined }, async (child) => {
      expect(await child.listening).toContain('//127.0.0.1:');
    });
  });
});
