/** Section 6, and what sections 2, 10 and 11 promise about a relay as a whole. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import * as faults from '../../src/simulator/faults.ts';
import { tokenStatus } from '../../src/upstreams/token-status.ts';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { createTestTokens } from '../upstreams/rig.ts';
import { FAMILIES, MODEL, ask, best, errorOf, within } from './support.ts';
import { quietNow } from '../support/machine.ts';

const opened: TestRelay[] = [];
const open = async (options?: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  opened.push(relay);
  return relay;
};

afterEach(async () => {
  await Promise.all(opened.splice(0).map((relay) => relay.close()));
});

type Health = Record<string, unknown> & { readonly message: string; readonly credentials?: Record<string, unknown> };
const health = async (relay: TestRelay, init: RequestInit = {}): Promise<{ status: number; body: Health }> => {
  const response = await fetch(`${relay.url}/health`, init);
  return { status: response.status, body: (await response.json()) as Health };
};
const withKey = (relay: TestRelay) => ({ headers: { 'x-api-key': relay.key } });

describe('R31: /livez and /health', () => {
  test('R31: 200 only when a request would be relayed; without a key nothing of the account', async () => {
    const relay = await open();
    await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
    const { status, body } = await health(relay);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['message', 'service', 'status', 'upstream']);
    const detailed = await health(relay, withKey(relay));
    expect(detailed.body).toMatchObject({ status: 'healthy', credentials: { source: 'file' } });
    expect(detailed.body).toHaveProperty('version');
    expect(detailed.body).toHaveProperty('uptime_seconds');
  });

  test.each<[string, StartOptions]>([
    ['login_required', { door: 'none' }],
    ['credentials_invalid', { credentials: '{"refresh_token": broken' }],
    ['config_error', { door: 'none', env: { UPSTREAM: 'gemini-api' } }],
    ['config_error', { door: 'none', env: { UPSTREAM: 'vertex' } }],
  ])('R31: %s is 503 with the way out, and API calls say the same', async (expected, options) => {
    const relay = await open(options);
    const { status, body } = await health(relay);
    expect(status).toBe(503);
    expect(body['status']).toBe(expected);
    expect(body.message.length).toBeGreaterThan(20);
    expect((await fetch(`${relay.url}/livez`)).status).toBe(200);
    for (const family of FAMILIES) {
      const response = await ask(relay, family, 'Hello');
      expect(response.status).toBe(503);
      expect(response.headers.get('x-should-retry')).toBe('false');
      const { code, message } = await errorOf(response);
      if (family === 'openai') expect(code).toBe(expected);
      expect(message).toMatch(/npm run login|set |Set |check|Check/);
    }
  });

  test('R31: they ask nobody and wait for nothing, also while Google is silent', async () => {
    const relay = await open();
    await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
    relay.simulator.clear();
    relay.simulator.always('any', faults.stallBeforeHeaders());
    relay.simulator.expireTokens();
    const pending = FAMILIES.map((family) => ask(relay, family, 'Hello', true).catch(() => undefined));
    await relay.simulator.until(() => relay.simulator.requests.length === 2);
    for (const path of ['/livez', '/health']) {
      const ms = await best(5, async () => {
        const startedAt = quietNow();
        await (await fetch(`${relay.url}${path}`)).arrayBuffer();
        return quietNow() - startedAt;
      });
      expect(ms).toBeLessThan(50);
    }
    expect(relay.simulator.requests).toHaveLength(2);
    await relay.close();
    await Promise.all(pending);
    opened.length = 0;
  });
});

describe('section 2, with the relay around it', () => {
  test('R2, R3: a rotated refresh token is on disk, for the owner alone, with all that stood beside it', async () => {
    const relay = await open({ simulator: { now: () => Date.now() - 7_200_000 } });
    const before = JSON.parse(readFileSync(relay.credentialsFile, 'utf8')) as Record<string, unknown>;
    const strange = { ...before, nested: { stranger: [1, { deep: 9007199254740993n.toString() }] } };
    writeFileSync(relay.credentialsFile, JSON.stringify(strange));
    await within(3000, 'the change', async () => (await ask(relay, 'openai', 'Hello')).status === 200);
    await within(3000, 'a save', () => {
      const saved = JSON.parse(readFileSync(relay.credentialsFile, 'utf8')) as Record<string, unknown>;
      return saved['access_token'] !== before['access_token'];
    });
    const after = JSON.parse(readFileSync(relay.credentialsFile, 'utf8')) as Record<string, unknown>;
    expect(after['nested']).toEqual(strange.nested);
    expect(after['refresh_token']).toBe(before['refresh_token']);
    expect(statSync(relay.credentialsFile).mode & 0o777).toBe(0o600);
  });

  test('R5: /health says when new tokens cannot be kept, and is healthy all the same', () => {
    const status = tokenStatus({
      ...createTestTokens('token'),
      state: () => ({
        status: 'healthy',
        message: 'The credentials file cannot be written.',
        detail: { source: 'file', persisted: false, revoked: false, expiresAt: Date.UTC(2026, 10, 30) },
      }),
    })();
    expect(status).toMatchObject({
      status: 'healthy',
      message: 'The credentials file cannot be written.',
      details: {
        credentials_persisted: false,
        credentials: {
          persisted: false,
          message: 'The credentials file cannot be written.',
          expires_at: '2026-11-30T00:00:00.000Z',
        },
      },
    });
  });

  test('R6: credentials of the environment that do not parse: no way round them, and a line with the position', async () => {
    const relay = await open({ env: { GEMINI_CREDENTIALS: '{"refresh_token": "x", }' } });
    const { body } = await health(relay);
    expect(body['status']).toBe('credentials_invalid');
    expect(relay.logs.join('')).toMatch(/GEMINI_CREDENTIALS.*position/);
    expect((await ask(relay, 'openai', 'Hello')).status).toBe(503);
    expect(relay.simulator.asked('generate')).toHaveLength(0);
  });
});

describe('section 10, with the relay around it', () => {
  const chatWith = (relay: TestRelay, url: string): Promise<Response> =>
    relay.post('/v1/chat/completions', {
      model: MODEL,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    });

  test.each([
    'http://example.com/a.png',
    'https://127.0.0.1/a.png',
    'https://localhost/a.png',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/a.png',
    'https://[::ffff:127.0.0.1]/a.png',
    'https://2130706433/a.png',
    'https://0x7f.1/a.png',
    'https://10.0.0.1/a.png',
    'https://user:pass@example.com/a.png',
    'https://example.com:8443/a.png',
    'ftp://example.com/a.png',
    'file:///etc/passwd',
  ])('S17, S18: %s is 400, and nothing is asked', async (url) => {
    const relay = await open();
    const response = await chatWith(relay, url);
    expect(response.status).toBe(400);
    expect(relay.simulator.asked('generate')).toHaveLength(0);
    expect((await errorOf(response)).param).toContain('messages[0].content[0]');
  });

  test('S18: what is blocked and what cannot be reached read the same', async () => {
    const relay = await open();
    const messages = await Promise.all(
      ['https://127.0.0.1/a.png', 'https://10.0.0.1/a.png', 'https://nowhere.invalid/a.png'].map(async (url) => {
        const { message, code } = await errorOf(await chatWith(relay, url));
        return `${code} ${message.replace(/https:\S+/, 'URL')}`;
      }),
    );
    expect(new Set(messages).size).toBe(1);
  });

  test('S17: FETCH_REMOTE_IMAGES=false refuses, and drops nothing in silence', async () => {
    const relay = await open({ env: { FETCH_REMOTE_IMAGES: 'false' } });
    const response = await chatWith(relay, 'https://example.com/a.png');
    expect(response.status).toBe(400);
    expect((await errorOf(response)).code).toBe('remote_images_disabled');
  });
});

test('S23: no request starts a login, opens a listener or gets a consent address', async () => {
  const relay = await open({ door: 'none' });
  for (const family of FAMILIES) {
    const text = await (await ask(relay, family, 'Hello')).text();
    expect(text).toContain('npm run login');
    expect(text).not.toMatch(/https?:\/\/\S*(?:oauth|accounts)/);
  }
  await expect(fetch('http://127.0.0.1:8080/')).rejects.toThrow();
  expect(relay.simulator.requests).toEqual([]);
});
