/** Section 8 of the promises: what every answer has, and what none has. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as faults from '../../src/simulator/faults.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { FAMILIES, MODEL, ask, errorOf, question, rawHead, sendRaw } from './support.ts';

let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay({ env: { MAX_BODY_BYTES: '100000' } });
});

beforeEach(() => {
  relay.simulator.clear();
});

afterAll(async () => {
  await relay.close();
});

describe('S9: web pages', () => {
  test('S9: any origin by default, never with credentials', async () => {
    for (const method of ['OPTIONS', 'GET']) {
      const response = await fetch(`${relay.url}/v1/models`, { method, headers: { origin: 'https://page.example' } });
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    }
  });

  test('S9: with CORS_ORIGIN only that origin, and a stranger’s is never echoed', async () => {
    const narrow = await startRelay({ env: { CORS_ORIGIN: 'https://mine.example' } });
    try {
      for (const origin of ['https://mine.example', 'https://mine.example.evil', 'http://mine.example', 'null']) {
        const response = await fetch(`${narrow.url}/v1/models`, { method: 'OPTIONS', headers: { origin } });
        const isMine = origin === 'https://mine.example';
        expect(response.headers.get('access-control-allow-origin')).toBe(isMine ? origin : null);
        expect(response.headers.get('vary')).toContain('Origin');
        if (!isMine) expect(JSON.stringify([...response.headers])).not.toContain(origin === 'null' ? '"null"' : origin);
      }
    } finally {
      await narrow.close();
    }
  });
});

describe('S10: headers of every answer', () => {
  const head = (path: string, more: readonly string[] = [], method = 'GET') => rawHead(path, more, method);
  test.each([
    ['200', head('/livez')],
    ['200 of /health', head('/health')],
    ['200 of /', head('/')],
    ['200 of a list', head('/v1/models')],
    ['204', head('/v1/models', ['Origin: https://a.example'], 'OPTIONS')],
    ['400', head('/v1/chat/completions', ['Content-Length: 1'], 'POST').concat('x')],
    ['401', head('/v1/models').replace(RELAY_KEY, 'x')],
    ['404', head('/nothing')],
    ['405', head('/v1/models', ['Content-Length: 0'], 'POST')],
    ['413', head('/v1/chat/completions', ['Content-Length: 999999'], 'POST')],
    ['414', head(`/v1/models?${'a'.repeat(9000)}`)],
    ['431', head('/v1/models', [`X-A: ${'a'.repeat(20_000)}`])],
    ['400 of the parser', 'nonsense\r\n\r\n'],
  ])('S10: %s', async (_name, bytes) => {
    const { text } = await sendRaw(relay.port, bytes, 1000);
    const headers = text.slice(0, text.indexOf('\r\n\r\n')).toLowerCase();
    expect(headers).toContain('\r\nx-content-type-options: nosniff');
    expect(headers).toContain('\r\ncache-control: no-store');
    expect(headers).toMatch(/\r\ncontent-security-policy: default-src 'none';/);
    expect(headers).toContain("frame-ancestors 'none'");
    expect(headers).toContain('\r\nreferrer-policy: no-referrer');
    expect(headers).toMatch(/\r\nx-request-id: [\w.-]+/);
    expect(headers).not.toMatch(/\r\n(?:server|x-powered-by|set-cookie|location):/);
  });

  test.each(FAMILIES)('S10: a stream, an error of Google (%s)', async (family) => {
    const stream = await ask(relay, family, 'Hello', true);
    relay.simulator.next('generate', faults.failing({ code: 400, message: 'No.' }));
    const refused = await ask(relay, family, 'Hello');
    for (const response of [stream, refused]) {
      await response.arrayBuffer();
      for (const name of ['x-content-type-options', 'cache-control', 'content-security-policy', 'x-request-id']) {
        expect(response.headers.get(name)).toBeTruthy();
      }
      expect(response.headers.has('server')).toBe(false);
    }
  });
});

describe('S11: nothing passes from one side to the other but what is meant', () => {
  test.each(FAMILIES)(
    'S11: headers of the client do not reach Google, nor Google’s the client (%s)',
    async (family) => {
      relay.simulator.next('generate', async (_request, honest) => {
        const reply = await honest();
        return { ...reply, headers: { ...reply.headers, 'x-secret-of-google': 'yes', 'set-cookie': 'a=b' } };
      });
      const response = await relay.post(...question(family, 'Hello'), {
        headers: {
          'x-canary': 'canary-header',
          'x-goog-user-project': 'canary-project',
          'x-forwarded-host': 'canary.example',
          cookie: 'canary=1',
          'user-agent': 'canary-agent',
          referer: 'https://canary.example/',
          'x-goog-request-params': 'canary-params',
        },
      });
      expect(response.status).toBe(200);
      expect(response.headers.has('x-secret-of-google')).toBe(false);
      expect(response.headers.has('set-cookie')).toBe(false);
      expect(response.headers.has('vary')).toBe(false);
      const [sent] = relay.simulator.asked('generate');
      expect(JSON.stringify([sent?.headers, sent?.text, sent?.path])).not.toContain('canary');
    },
  );

  test.each([
    '../../v1/x',
    'a..b',
    'a b',
    'a?x=1',
    'a#b',
    'a%2fb',
    'x\n',
    'a'.repeat(201),
    'https://evil.example/x',
    '',
  ])('S11: no request goes out for the model %j', async (model) => {
    for (const [path, body] of [
      ['/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }] }],
      [`/v1beta/models/${encodeURIComponent(model)}:generateContent`, question('gemini', 'Hi')[1]],
    ] as const) {
      const response = await relay.post(path, body);
      expect([400, 404]).toContain(response.status);
    }
    const out = relay.simulator.asked('generate').filter(({ text }) => text.includes('evil') || text.includes('..'));
    expect(out).toEqual([]);
    expect(relay.simulator.asked('generate')).toEqual([]);
  });

  test.each(FAMILIES)('S11: a body cannot name a project, an account or an address (%s)', async (family) => {
    const [path, body] = question(family, 'Hello');
    const response = await relay.post(path, {
      ...body,
      project: 'canary-project',
      user_prompt_id: 'canary-prompt',
      access_token: 'canary-token',
      endpoint: 'https://canary.example',
      extra_body: { project: 'canary-project' },
    });
    await response.arrayBuffer();
    for (const { text, path: asked, headers } of relay.simulator.asked('generate')) {
      const sent = JSON.parse(text) as { project?: string };
      expect(sent.project).toBe(relay.simulator.account.project);
      expect(asked).not.toContain('canary');
      expect(JSON.stringify(headers)).not.toContain('canary');
    }
  });

  test.each([
    ['a-sane.ID_1', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['<script>', false],
    ['a b', false],
    ['a/b', false],
  ])('S11: the request id %j is kept: %s', async (id, kept) => {
    const response = await relay.fetch('/v1/models', { headers: { 'x-request-id': id } });
    const given = response.headers.get('x-request-id');
    expect(given === id).toBe(kept);
    expect(given).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });
});

describe('S12: words of errors', () => {
  const HOSTILE =
    'Failed for someone@example.com at /usr/lib/google/secret.py with ya29.canary-access-token-0123456789 ' +
    'and AIzaCanaryCanaryCanaryCanaryCanaryCanary1 \u0007\u001b[31m <b>html</b> '.concat('x'.repeat(5000));

  test.each(FAMILIES)(
    'S12: of Google’s message no mail address, no token, no control character, not more than 1 KiB (%s)',
    async (family) => {
      for (const stream of [false, true]) {
        relay.simulator.next('generate', faults.failing({ code: 400, message: HOSTILE }));
        const response = await ask(relay, family, 'Hello', stream);
        const { message } = await errorOf(response);
        expect(message.length).toBeLessThanOrEqual(1200);
        expect(message).not.toMatch(/someone@example|ya29\.|AIza|\p{Cc}/u);
      }
    },
  );

  test.each(FAMILIES)('S12: of a page of Google’s nothing (%s)', async (family) => {
    relay.simulator.next('generate', faults.html(500, '<html>canary-of-a-page</html>'));
    relay.simulator.always('generate', faults.html(502, '<html>canary-of-a-page</html>'));
    const text = await (await ask(relay, family, 'Hello')).text();
    expect(text).not.toMatch(/canary|<html/);
  });

  test('S12: no stack and no path in any answer', async () => {
    const answers = await Promise.all([
      relay.post('/v1/chat/completions', '{'),
      relay.fetch('/nothing'),
      relay.post(`/v1beta/models/${MODEL}:generateContent`, '[]'),
      relay.post('/v1/chat/completions', { model: 'no-such-model', messages: [] }),
    ]);
    for (const answer of answers) expect(await answer.text()).not.toMatch(/\.ts\b|node_modules|\bat \w+ \(|\/src\//);
  });
});

test('S13: one constant page, no redirect, no cookie, no client text in HTML', async () => {
  const get = (path: string, headers: Record<string, string>) =>
    fetch(`${relay.url}${path}`, { redirect: 'manual', headers: { accept: 'text/html', ...headers } });
  const page = await get('/', {});
  const text = await page.text();
  expect(text).not.toMatch(/<script|javascript:|\son\w+=/i);
  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/,
  );
  const other = await get('/?x=%3Cscript%3E', {
    host: 'evil.example',
    referer: 'https://evil.example',
    'x-forwarded-host': 'evil.example',
  });
  expect(await other.text()).toBe(text);
  for (const path of ['/admin', '/debug', '/console/admin', '/static/../package.json', '/.env', '/v1']) {
    const response = await get(path, { authorization: `Bearer ${RELAY_KEY}` });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.has('set-cookie')).toBe(false);
  }
});
