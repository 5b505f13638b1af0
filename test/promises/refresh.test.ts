/** Section 3 of the promises, through the whole relay. What needs a clock of its own is in test/credentials. */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import * as faults from '../../src/simulator/faults.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { FAMILIES, ask, call, errorOf, linesOf, question, textOf, within } from './support.ts';
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

/** Everything the simulator issues looks two hours old to the relay. */
const EXPIRED: StartOptions = { simulator: { now: () => Date.now() - 7_200_000 } };

const health = async (relay: TestRelay): Promise<Record<string, unknown>> =>
  (await (await relay.fetch('/health')).json()) as Record<string, unknown>;

/** As a login does it: a whole new file takes the place of the old one. */
const logInAnew = (relay: TestRelay): void => {
  const beside = `${relay.credentialsFile}.new`;
  writeFileSync(beside, JSON.stringify(relay.simulator.issue()), { mode: 0o600 });
  renameSync(beside, relay.credentialsFile);
};

test('R8: 1000 requests at once with an expired token make exactly one token call', async () => {
  const { simulator, ...relay } = await open(EXPIRED);
  simulator.always('token', faults.slowHeaders(300));
  const family = (index: number) => FAMILIES[index % 2] ?? 'openai';
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      // Not by `fetch`, which would be most of the work.
      const response = await call(relay, question(family(index), 'Hello')).answer;
      await textOf(response);
      return response.statusCode;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(simulator.asked('token')).toHaveLength(1);
}, 120_000);

test('R8: a client that leaves while it waits for the token costs the others nothing', async () => {
  const relay = await open(EXPIRED);
  relay.simulator.always('token', faults.slowHeaders(300));
  const leaving = call(relay, question('openai', 'Hello'));
  const staying = FAMILIES.map((family) => ask(relay, family, 'Hello'));
  await relay.simulator.until(() => relay.simulator.asked('token').length === 1);
  leaving.leave();
  await within(100, 'the end of that request', () => linesOf(relay, 'request').some(({ status }) => status === 499));
  for (const response of await Promise.all(staying)) expect(response.status).toBe(200);
  expect(relay.simulator.asked('token')).toHaveLength(1);
});

test('R9: with little life left in the token, requests go on while it is renewed behind them', async () => {
  const relay = await open({ simulator: { account: { tokenLifetime: 200 } } });
  relay.simulator.account.tokenLifetime = 3600;
  relay.simulator.always('token', faults.slowHeaders(1000));
  const startedAt = quietNow();
  expect((await ask(relay, 'openai', 'Hello')).status).toBe(200);
  expect(quietNow() - startedAt).toBeLessThan(900);
  await within(3000, 'the renewal', () => linesOf(relay, 'credentials refreshed').length === 1);
  expect((await ask(relay, 'gemini', 'Hello')).status).toBe(200);
  expect(relay.simulator.asked('token')).toHaveLength(1);
});

describe('R11: 401 from Google', () => {
  test('R11: a hundred refusals of the same token at once make one refresh, and nobody sees them', async () => {
    const relay = await open();
    await (await ask(relay, 'openai', 'Hello')).arrayBuffer();
    relay.simulator.expireTokens();
    relay.simulator.clear();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => ask(relay, FAMILIES[index % 2] ?? 'openai', 'Hello')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(relay.simulator.asked('token')).toHaveLength(1);
  });

  test.each(FAMILIES)('R11: a second 401 is the relay’s trouble, not the client’s: 503 (%s)', async (family) => {
    const relay = await open();
    relay.simulator.always('generate', google.unauthorized());
    const response = await ask(relay, family, 'Hello');
    expect(response.status).toBe(503);
    expect(response.headers.get('x-should-retry')).toBe('false');
    if (family === 'openai') expect((await errorOf(response)).code).toBe('upstream_auth_error');
    expect(relay.simulator.asked('generate')).toHaveLength(2);
    expect(relay.simulator.asked('token')).toHaveLength(1);
  });
});

describe('R12: a login that Google has ended', () => {
  test('R12: is asked about once, refused at once with the command, and fixed by a new login within 2 s', async () => {
    const relay = await open();
    relay.simulator.revokeTokens();
    relay.simulator.expireTokens();
    const first = await ask(relay, 'openai', 'Hello');
    expect(first.status).toBe(503);
    expect(await errorOf(first)).toMatchObject({ code: 'login_required' });
    expect(first.headers.get('x-should-retry')).toBe('false');
    const calls = relay.simulator.asked('token').length;
    for (const family of [...FAMILIES, ...FAMILIES, ...FAMILIES]) {
      const startedAt = quietNow();
      const response = await ask(relay, family, 'Hello');
      expect(quietNow() - startedAt).toBeLessThan(50);
      expect(response.status).toBe(503);
      expect((await errorOf(response)).message).toContain('npm run login');
    }
    expect(relay.simulator.asked('token')).toHaveLength(calls);
    expect(await health(relay)).toMatchObject({ status: 'login_required', credentials: { revoked: true } });
    expect(relay.logs.filter((line) => line.includes('"level":"error"'))).toHaveLength(1);

    logInAnew(relay);
    await within(2200, 'the new login', async () => (await ask(relay, 'openai', 'Hello')).status === 200);
    expect(await health(relay)).toMatchObject({ status: 'healthy' });
  });

  test.each(['invalid_client', 'unauthorized_client'])('R12: %s is a matter of configuration', async (error) => {
    const relay = await open(EXPIRED);
    relay.simulator.always('token', google.oauthError(error));
    const response = await ask(relay, 'openai', 'Hello');
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toMatchObject({ code: 'config_error' });
    expect(await health(relay)).toMatchObject({ status: 'config_error' });
    const calls = relay.simulator.asked('token').length;
    for (const family of FAMILIES) expect((await ask(relay, family, 'Hello')).status).toBe(503);
    expect(relay.simulator.asked('token')).toHaveLength(calls);
  });
});

describe('R13: trouble at the token endpoint', () => {
  test.concurrent.each([
    ['500', google.serverError(500)],
    ['429', google.rateLimited()],
    ['a reset', faults.resetBeforeHeaders()],
    ['a page', faults.html()],
    ['half an answer', faults.truncated(20)],
    ['an answer without a token', google.tokenless()],
    ['nothing', faults.empty()],
  ])('R13: %s: three attempts, then 503 with the time to come back', async (_name, fault) => {
    const relay = await startRelay(EXPIRED);
    try {
      relay.simulator.always('token', fault);
      const response = await ask(relay, 'openai', 'Hello');
      expect(response.status).toBe(503);
      expect(await errorOf(response)).toMatchObject({ code: 'token_unavailable' });
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      const calls = relay.simulator.asked('token').length;
      expect(calls).toBeLessThanOrEqual(3);
      // The cooldown is shared: those who come now cost no call of their own.
      for (const family of FAMILIES) expect((await ask(relay, family, 'Hello')).status).toBe(503);
      expect(relay.simulator.asked('token').length).toBeLessThanOrEqual(calls + 1);
    } finally {
      await relay.close();
    }
  });

  test('R13: a token that is still good is used meanwhile', async () => {
    const relay = await open({ simulator: { account: { tokenLifetime: 200 } } });
    relay.simulator.always('token', google.serverError(503));
    for (const family of FAMILIES) expect((await ask(relay, family, 'Hello')).status).toBe(200);
    expect(await health(relay)).toMatchObject({ status: 'healthy' });
  });
});

describe('R14: where tokens go', () => {
  test('R14: a redirect of the token or the model endpoint is followed by nobody', async () => {
    const visits: string[] = [];
    const elsewhere = createServer((req, res) => {
      visits.push(req.url ?? '');
      res.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const away = faults.redirect(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/taken`);
    try {
      const relay = await open();
      relay.simulator.next('generate', away);
      expect((await ask(relay, 'openai', 'Hello')).status).toBe(502);
      relay.simulator.expireTokens();
      relay.simulator.always('token', away);
      expect((await ask(relay, 'openai', 'Hello')).status).toBe(503);
      expect(visits).toEqual([]);
    } finally {
      elsewhere.close();
    }
  });

  test('R14: a token_uri in clear to another machine is refused, and nothing is sent there', async () => {
    const relay = await open({
      credentials: {
        client_id: 'a',
        client_secret: 'b',
        refresh_token: '1//refresh-of-the-test',
        token_uri: 'http://192.0.2.7/token',
      },
    });
    const response = await ask(relay, 'openai', 'Hello');
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toMatchObject({ code: 'credentials_invalid' });
    expect((await health(relay))['message']).toContain('https');
  });

  test.each([
    'GOOGLE_OAUTH_TOKEN_URL',
    'GOOGLE_OAUTH_AUTH_URL',
    'CODE_ASSIST_ENDPOINT',
    'GEMINI_API_ENDPOINT',
    'VERTEX_ENDPOINT',
  ])('R14: %s in clear to another machine stops the start', (name) => {
    const start = (value: string) => parseConfig({ GEMINI_AUTH_PASSWORD: RELAY_KEY, [name]: value });
    expect(() => start('http://192.0.2.7/')).toThrow(name);
    expect(() => start('http://127.0.0.1.example.org/')).toThrow(name);
    expect(() => start('http://127.0.0.1:9/')).not.toThrow();
  });
});
