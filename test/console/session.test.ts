/** Who opens the console, and what a session opens. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { createSessions, SESSION_MS } from '../../src/console/sessions.ts';
import { digestOf } from '../../src/callers/caller.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { errorOf, openSession, visitorOf } from './visitor.ts';

const ADMIN = 'admin-key-of-these-tests-0123456789';
const SECOND = 'second-key-of-these-tests-0123456789';

let relay: TestRelay;
let withAdmin: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ env: { API_KEY: SECOND, HF_TOKEN: `hf_${SECOND}` } });
  withAdmin = await startRelay({ env: { ADMIN_KEY: ADMIN } });
});
afterAll(async () => {
  await relay.close();
  await withAdmin.close();
});

const post = (to: TestRelay, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${to.url}/console/api/session`, { method: 'POST', body, headers });

describe('who opens the console', () => {
  test("the owner's key does, for twelve hours", async () => {
    const response = await post(relay, JSON.stringify({ key: relay.key }));
    expect(response.status).toBe(200);
    const { token, expires_at } = (await response.json()) as { token: string; expires_at: string };
    expect(token).toMatch(/^gcs_[\w-]{43}$/);
    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(SESSION_MS - 60_000);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect((await visitorOf(relay, token).ask('GET', 'status')).status).toBe(200);
    expect((await visitorOf(relay, relay.key).ask('GET', 'status')).status).toBe(200);
  });

  test.each([
    ['API_KEY', SECOND],
    ['HF_TOKEN', `hf_${SECOND}`],
    ['a stranger', 'nobody'],
    ['nothing', ''],
  ])('%s does not', async (_who, key) => {
    const status = await errorOf(await visitorOf(relay, key).ask('GET', 'status'));
    expect(status).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect((await post(relay, JSON.stringify({ key }))).status).toBe(key === '' ? 400 : 401);
  });

  test('with ADMIN_KEY it alone does, and opens nothing else', async () => {
    expect((await post(withAdmin, JSON.stringify({ key: withAdmin.key }))).status).toBe(401);
    expect((await post(withAdmin, JSON.stringify({ key: ADMIN }))).status).toBe(200);
    expect((await withAdmin.fetch('/v1/models', { headers: { authorization: `Bearer ${ADMIN}` } })).status).toBe(401);
  });

  test('a key in the URL, as Basic or in x-api-key opens nothing', async () => {
    const at = `${relay.url}/console/api/status`;
    expect((await fetch(`${at}?key=${relay.key}`)).status).toBe(401);
    expect((await fetch(at, { headers: { 'x-api-key': relay.key } })).status).toBe(401);
    const basic = Buffer.from(`owner:${relay.key}`).toString('base64');
    expect((await fetch(at, { headers: { authorization: `Basic ${basic}` } })).status).toBe(401);
    expect(relay.logs.join('')).not.toContain(relay.key);
  });

  test('a body that is none, too large or another form is refused before anything is looked up', async () => {
    expect(await errorOf(await post(relay, '{'))).toMatchObject({ status: 400, code: 'invalid_json' });
    expect(await errorOf(await post(relay, '{"key":7}'))).toMatchObject({ status: 400, param: 'key' });
    expect(await errorOf(await post(relay, ''))).toMatchObject({ status: 400, param: 'key' });
    const large = await post(relay, JSON.stringify({ key: 'x'.repeat(300_000) }));
    const { status, message } = await errorOf(large);
    expect(status).toBe(413);
    expect(message).not.toContain('MAX_BODY_BYTES');
  });
});

describe('a session', () => {
  test('asks models as the owner, and ends when it is closed', async () => {
    const visitor = await openSession(relay);
    const headers = { authorization: `Bearer ${visitor.token}` };
    const chat = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };
    expect((await relay.post('/v1/chat/completions', chat, { headers })).status).toBe(200);
    expect(relay.logs.join('')).toContain('"caller":"console"');
    expect((await visitor.ask('DELETE', 'session')).status).toBe(200);
    expect((await visitor.ask('GET', 'status')).status).toBe(401);
    expect((await relay.fetch('/v1/models', { headers })).status).toBe(401);
  });

  test('ends by itself after twelve hours, and the oldest of very many goes first', async () => {
    const system = createVirtualSystem();
    const sessions = createSessions(system);
    const { token } = await sessions.open();
    expect(sessions.find(digestOf(token))?.id).toBe('owner');
    for (let count = 0; count < 999; count += 1) await sessions.open();
    expect(sessions.find(digestOf(token))).toBeDefined();
    const { token: last } = await sessions.open();
    expect(sessions.find(digestOf(token))).toBeUndefined();
    await system.advance(SESSION_MS - 1);
    expect(sessions.find(digestOf(last))).toBeDefined();
    await system.advance(1);
    expect(sessions.find(digestOf(last))).toBeUndefined();
  });
});

describe('the console', () => {
  test('is not for pages elsewhere', async () => {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const response = await fetch(`${relay.url}/console/api/status`, {
        method,
        headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' },
      });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(response.status).toBe(method === 'GET' ? 401 : 405);
    }
  });

  test('says what is not there, and which method is', async () => {
    const visitor = await openSession(relay);
    expect(await errorOf(await visitor.ask('GET', 'nothing'))).toMatchObject({
      status: 404,
      code: 'unsupported_endpoint',
    });
    const wrong = await visitor.ask('PATCH', 'session');
    expect(wrong.headers.get('allow')).toBe('DELETE or POST'.replace(' or ', ', '));
    expect(await errorOf(wrong)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect((await fetch(`${relay.url}/consoles`)).status).toBe(401);
  });

  test('CONSOLE=off: neither page nor API', async () => {
    const off = await startRelay({ env: { CONSOLE: 'off' } });
    try {
      for (const path of ['/console', '/console/', '/console/api/session', '/console/api/status']) {
        expect((await off.fetch(path)).status).toBe(404);
      }
    } finally {
      await off.close();
    }
  });

  test('guesses are counted with those at the routes of clients', async () => {
    const guessed = await startRelay();
    try {
      for (let count = 0; count < 6; count += 1) {
        await guessed.fetch('/v1/models', { headers: { authorization: 'Bearer wrong' } });
        await visitorOf(guessed, `wrong-${count}`).ask('GET', 'status');
      }
      const last = await post(guessed, JSON.stringify({ key: 'wrong' }));
      expect(last.status).toBe(429);
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await openSession(guessed)).token).toMatch(/^gcs_/);
    } finally {
      await guessed.close();
    }
  });
});
