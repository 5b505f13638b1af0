import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessTokens } from '../../src/credentials/access-token.ts';
import type { AccessTokens } from '../../src/credentials/access-token.ts';
import { DEFAULT_OAUTH } from '../../src/credentials/google-client.ts';
import { openStore } from '../../src/credentials/store.ts';
import { RelayError } from '../../src/errors.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { startTokenServer } from '../support/token-server.ts';
import type { TokenReply, TokenServer } from '../support/token-server.ts';
import { quietNow } from '../support/machine.ts';
import { createVirtualSystem, until } from '../support/virtual-system.ts';
import type { VirtualSystem } from '../support/virtual-system.ts';

let directory: string;
let path: string;
let server: TokenServer;
const opened: AccessTokens[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tokens-'));
  path = join(directory, 'oauth_creds.json');
  server = await startTokenServer();
});

afterEach(async () => {
  for (const tokens of opened.splice(0)) await tokens.close();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const MINUTE = 60_000;
const never = new AbortController().signal;

const open = async (credentials: unknown, { tokenUrl = server.url, attemptTimeoutMs = 20_000, random = 0.5 } = {}) => {
  if (credentials !== undefined) writeFileSync(path, JSON.stringify(credentials), { mode: 0o600 });
  const system = createVirtualSystem(undefined, random);
  const log = createMemoryLog();
  const store = await openStore({ path, system, log });
  const oauth = { ...DEFAULT_OAUTH, tokenUrl };
  const tokens = createAccessTokens({ store, oauth, network: { attemptTimeoutMs }, system, log });
  opened.push(tokens);
  return { tokens, system, log, store };
};

const login = (expiresInMs?: number) => ({
  access_token: 'stored',
  refresh_token: 'rt-1',
  ...(expiresInMs !== undefined && { expiry_date: Date.UTC(2026, 0, 15) + expiresInMs }),
});

/** What is known without waiting is what waiting would bring. */
const tokenOf = async (tokens: AccessTokens): Promise<string> => {
  const known = tokens.known();
  const got = await tokens.get(never);
  if (known) expect(got).toEqual(known);
  return got.token;
};

const failureOf = async (tokens: AccessTokens): Promise<RelayError> => {
  const thrown: unknown = await tokens.get(never).catch((error: unknown) => error);
  if (!(thrown instanceof RelayError)) throw new Error(`no RelayError: ${String(thrown)}`);
  return thrown;
};

const onDisk = (): Record<string, unknown> => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

/** Time goes on while the promise is open: for waits between attempts. */
const letTimePass = async <T>(promise: Promise<T>, system: VirtualSystem): Promise<T> => {
  let open = true;
  const settle = () => {
    open = false;
  };
  promise.then(settle, settle);
  await until('the promise settles', async () => {
    // The store's own watch always sleeps; a second sleeper is a wait between attempts.
    if (open && system.sleepers() > 1) await system.advance(50);
    return !open;
  });
  return promise;
};

describe('access tokens', () => {
  test('a stored token that lasts is used without a call', async () => {
    const { tokens } = await open(login(40 * MINUTE));
    expect(await tokenOf(tokens)).toBe('stored');
    expect(server.calls).toEqual([]);
    expect(tokens.state()).toMatchObject({
      status: 'healthy',
      detail: { format: 'gemini-cli', persisted: true },
    });
    expect(tokens.state().message).toBeUndefined();
  });

  test('T5: an expired one is refreshed, with the form that Google documents, and the file follows', async () => {
    const { tokens, system } = await open(login(-MINUTE));
    expect(await tokenOf(tokens)).toBe('fresh-1');
    expect(server.calls).toEqual([
      {
        path: '/token',
        grant_type: 'refresh_token',
        refresh_token: 'rt-1',
        client_id: DEFAULT_OAUTH.clientId,
        client_secret: DEFAULT_OAUTH.clientSecret,
      },
    ]);
    expect(onDisk()).toMatchObject({
      access_token: 'fresh-1',
      refresh_token: 'rt-1',
      expiry_date: system.now() + 60 * MINUTE,
    });
  });

  test('the client and the token_uri of the credentials win', async () => {
    const { tokens } = await open(
      { client_id: 'theirs', client_secret: 'shh', token: 'x', refresh_token: 'rt-1', token_uri: server.url },
      { tokenUrl: 'http://127.0.0.1:9/unused' },
    );
    await tokenOf(tokens);
    expect(server.calls[0]).toMatchObject({ client_id: 'theirs', client_secret: 'shh' });
  });

  test('a token that lasts is known without waiting; one that is to be renewed, or was discarded, is not', async () => {
    const { tokens, system } = await open(login(20 * MINUTE));
    expect(tokens.known()?.token).toBe('stored');
    await system.advance(15 * MINUTE);
    expect(tokens.known()).toBeUndefined();
    expect(await tokenOf(tokens)).toBe('stored');
    await until('the renewal is through', () => tokens.known()?.token === 'fresh-1');
    tokens.discard('fresh-1');
    expect(tokens.known()).toBeUndefined();
    expect(await tokenOf(tokens)).toBe('fresh-2');
    await tokens.close();
    expect(tokens.known()).toBeUndefined();
  });

  test('our client secret is never sent with a client id that is not ours', async () => {
    const { tokens } = await open({ client_id: 'theirs', refresh_token: 'rt-1' });
    await tokenOf(tokens);
    expect(server.calls[0]).toMatchObject({ client_id: 'theirs' });
    expect(server.calls[0]).not.toHaveProperty('client_secret');
  });

  test.each([
    ['no date', undefined],
    ['garbage', 'soon'],
    ['the year 9999', '9999-12-31T23:59:59Z'],
    ['25 h ahead', Date.UTC(2026, 0, 16, 1)],
  ])('R2, R10: a stored expiry of %s means refresh first', async (_, expiry) => {
    const { tokens } = await open({ access_token: 'stored', refresh_token: 'rt-1', expiry });
    expect(await tokenOf(tokens)).toBe('fresh-1');
  });

  test('R2: a rotated refresh token is on disk before the request goes on', async () => {
    server.answer({ body: { access_token: 'a', expires_in: 3600, refresh_token: 'rt-2', scope: 's' } });
    const { tokens } = await open(login());
    await tokenOf(tokens);
    expect(onDisk()).toMatchObject({ access_token: 'a', refresh_token: 'rt-2' });
    tokens.discard('a');
    await tokenOf(tokens);
    expect(server.calls[1]).toMatchObject({ refresh_token: 'rt-2' });
  });

  test('R8: 1000 requests with an expired token make one call', async () => {
    const { tokens } = await open(login(-1));
    const answers = await Promise.all(Array.from({ length: 1000 }, () => tokenOf(tokens)));
    expect(new Set(answers)).toEqual(new Set(['fresh-1']));
    expect(server.calls).toHaveLength(1);
  });

  test('R8: one who leaves is let go at once, and the others still get their token', async () => {
    server.answer((response) => setTimeout(() => response.end('{"access_token":"late","expires_in":3600}'), 150));
    const { tokens } = await open(login(-1));
    const leaver = new AbortController();
    const left = tokens.get(leaver.signal);
    const stayed = tokenOf(tokens);
    await until('the call is out', () => server.calls.length === 1);
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(await stayed).toBe('late');
    expect(server.calls).toHaveLength(1);
  });

  test('R9: with less than five minutes and a bit left, requests go on while a new token is fetched', async () => {
    const { tokens } = await open(login(5.4 * MINUTE));
    expect(await tokenOf(tokens)).toBe('stored');
    await until('renewed behind the scenes', async () => (await tokenOf(tokens)) === 'fresh-1');
    expect(server.calls).toHaveLength(1);
  });

  test('R9: with more left nothing happens', async () => {
    const { tokens, system } = await open(login(5.6 * MINUTE));
    expect(await tokenOf(tokens)).toBe('stored');
    await system.advance(1);
    expect(server.calls).toEqual([]);
  });

  test('R9: below 30 s requests wait', async () => {
    const { tokens } = await open(login(29_000));
    expect(await tokenOf(tokens)).toBe('fresh-1');
  });

  test('R9: a short-lived token is renewed at half its life, not at every request', async () => {
    server.answer({ body: { access_token: 'short', expires_in: 120 } });
    const { tokens, system } = await open(login(-1), { random: 0.99 });
    expect(await tokenOf(tokens)).toBe('short');
    await system.advance(59_000);
    expect(await tokenOf(tokens)).toBe('short');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.calls).toHaveLength(1);
    await system.advance(2000);
    expect(await tokenOf(tokens)).toBe('short');
    await until('renewed', () => server.calls.length === 2);
  });

  test.each([
    ['a day ahead', 86_400_000],
    ['a year ahead', 31_536_000_000],
    ['a day back', -86_400_000],
    ['to 1970', -Date.UTC(2026, 0, 15)],
  ])('R10: a wall clock that jumps %s costs at most one refresh and no request', async (_, jump) => {
    const { tokens, system } = await open(login(-1));
    await tokenOf(tokens);
    system.jump(jump);
    for (let count = 0; count < 20; count++) await tokenOf(tokens);
    system.jump(-jump);
    for (let count = 0; count < 20; count++) await tokenOf(tokens);
    expect(server.calls.length).toBeLessThanOrEqual(2);
    await system.advance(56 * MINUTE);
    await tokenOf(tokens);
    await until('the end is seen by the clock that does not jump', () => server.calls.length >= 2);
  });

  test('R11: 100 refusals of one token make one refresh; a late one changes nothing', async () => {
    const { tokens } = await open(login(40 * MINUTE));
    const retry = async () => {
      const held = await tokenOf(tokens);
      await new Promise((resolve) => setImmediate(resolve));
      tokens.discard(held);
      return tokenOf(tokens);
    };
    const answers = await Promise.all(Array.from({ length: 100 }, retry));
    expect(new Set(answers)).toEqual(new Set(['fresh-1']));
    tokens.discard('stored');
    expect(await tokenOf(tokens)).toBe('fresh-1');
    expect(server.calls).toHaveLength(1);
  });
});

describe('R12: invalid_grant', () => {
  const REVOKED: TokenReply = {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
  };

  test('ends all calls, is said at once and logged once', async () => {
    server.always(REVOKED);
    const { tokens, log } = await open(login());
    expect(await failureOf(tokens)).toMatchObject({ status: 503, reason: 'login_required', retryable: false });
    const started = quietNow();
    for (let count = 0; count < 50; count++) expect((await failureOf(tokens)).message).toContain('npm run login');
    expect((quietNow() - started) / 50).toBeLessThan(50);
    expect(server.calls).toHaveLength(1);
    expect(log.of('error')).toHaveLength(1);
    expect(tokens.state()).toMatchObject({ status: 'login_required', detail: { revoked: true } });
  });

  test('a new login ends it without a restart', async () => {
    server.answer(REVOKED);
    const { tokens, system } = await open(login());
    await failureOf(tokens);
    writeFileSync(path, JSON.stringify({ refresh_token: 'rt-new' }));
    await until('picked up', async () => {
      await system.advance(100);
      return tokens.state().status === 'healthy';
    });
    expect(await tokenOf(tokens)).toBe('fresh-2');
    expect(server.calls[1]).toMatchObject({ refresh_token: 'rt-new' });
    expect(tokens.state().detail.revoked).toBe(false);
  });

  test('R7: a refresh token that another process rotated a moment ago is used instead', async () => {
    const { tokens } = await open(login());
    server.answer((response) => {
      writeFileSync(path, JSON.stringify({ refresh_token: 'rt-theirs' }));
      response.writeHead(400).end(JSON.stringify({ error: 'invalid_grant' }));
    });
    expect(await tokenOf(tokens)).toBe('fresh-2');
    expect(server.calls.map((call) => call['refresh_token'])).toEqual(['rt-1', 'rt-theirs']);
  });

  test.each(['invalid_client', 'unauthorized_client', 'deleted_client'])(
    '%s is a configuration error, likewise final',
    async (error) => {
      server.always({ status: 401, body: { error } });
      const { tokens, log } = await open(login());
      expect(await failureOf(tokens)).toMatchObject({ reason: 'config_error', retryable: false, status: 503 });
      await failureOf(tokens);
      expect(server.calls).toHaveLength(1);
      expect(log.of('error')).toHaveLength(1);
      expect(tokens.state()).toMatchObject({ status: 'config_error', detail: { revoked: false } });
    },
  );
});

describe('R13: a token that no header can carry', () => {
  test('does not take the place of one that is still good, on disk neither', async () => {
    const { tokens, system } = await open(login(2 * MINUTE));
    server.answer({ body: { access_token: 'two\nlines', expires_in: 3600 } });
    expect(await tokenOf(tokens)).toBe('stored');
    await until('the next try', async () => {
      await system.advance(1000);
      return (await tokenOf(tokens)) === 'fresh-2';
    });
    expect(onDisk()).toMatchObject({ access_token: 'fresh-2', refresh_token: 'rt-1' });
  });

  test('is not taken from the file either: a refresh comes first', async () => {
    const { tokens } = await open({ ...login(60 * MINUTE), access_token: 'two\nlines' });
    expect(await tokenOf(tokens)).toBe('fresh-1');
  });
});

describe('R13: trouble at the token endpoint', () => {
  const html = '<html><body>502 Bad Gateway</body></html>';
  const cases: [string, TokenReply][] = [
    ['500', { status: 500, body: { error: 'internal_failure' } }],
    ['503 in HTML', { status: 503, body: html }],
    ['429', { status: 429, body: { error: 'rate_limit_exceeded' } }],
    ['403 of a proxy', { status: 403, body: html }],
    ['200 in HTML', { body: html }],
    ['200 cut off', { body: '{"access_token":"at' }],
    ['200 without a token', { body: { expires_in: 3600 } }],
    ['200 with an empty token', { body: { access_token: '', expires_in: 3600 } }],
    ['200 with a number for a token', { body: { access_token: 5 } }],
    ['200 with a token of two lines', { body: { access_token: 'one\r\nx-two: three', expires_in: 3600 } }],
    ['200 with a token in letters of no header', { body: { access_token: 'ключ', expires_in: 3600 } }],
    ['200 and null', { body: 'null' }],
    ['204', { status: 204, body: '' }],
    ['a reset', (response) => response.socket?.resetAndDestroy()],
    [
      'a body cut off',
      (response) => {
        response.writeHead(200, { 'content-length': '900' }).write('{"access');
        response.socket?.destroySoon();
      },
    ],
    ['2 MiB', { body: `"${'x'.repeat(2 ** 21)}"` }],
  ];

  test.each(cases)('%s: three attempts, then 503 token_unavailable', async (_, reply) => {
    server.always(reply);
    const { tokens, system, log } = await open(login());
    const failing = failureOf(tokens);
    const failure = await letTimePass(failing, system);
    expect(failure).toMatchObject({ status: 503, reason: 'token_unavailable', retryable: true });
    expect(failure.retryAfterMs).toBeGreaterThanOrEqual(1000);
    expect(failure.message).not.toMatch(/rt-1|html|GOCSPX/);
    expect(server.calls).toHaveLength(3);
    expect(log.of('warn')).toHaveLength(1);
    expect(tokens.state()).toMatchObject({ status: 'token_unavailable' });
  });

  test('silence is given up', async () => {
    server.always(() => undefined);
    const { tokens, system } = await open(login(), { attemptTimeoutMs: 60 });
    const failure = await letTimePass(failureOf(tokens), system);
    expect(failure.message).toContain('no answer in time');
    expect(server.calls).toHaveLength(3);
  });

  test('nobody listening', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const { tokens, system } = await open(login(), { tokenUrl: `http://127.0.0.1:${port}/token` });
    const failure = await letTimePass(failureOf(tokens), system);
    expect(failure.message).toContain(`127.0.0.1:${port} cannot be reached: ECONNREFUSED`);
  });

  test('a passing trouble is not noticed by anyone', async () => {
    server.answer({ status: 503, body: '' }, { status: 500, body: html });
    const { tokens, system } = await open(login());
    expect(await letTimePass(tokenOf(tokens), system)).toBe('fresh-3');
  });

  test('a refusal in words unknown to us is not repeated within the call', async () => {
    server.always({ status: 400, body: { error: 'invalid_scope' } });
    const { tokens } = await open(login());
    expect((await failureOf(tokens)).message).toContain('400 invalid_scope');
    expect(server.calls).toHaveLength(1);
  });

  test('a cooldown that grows limits the calls of an outage, and its end is noticed without a request', async () => {
    server.always({ status: 503, body: html });
    const { tokens, system, log } = await open(login());
    await letTimePass(failureOf(tokens), system);
    for (let count = 0; count < 100; count++) await failureOf(tokens);
    expect(server.calls).toHaveLength(3);

    for (let minute = 0; minute < 10; minute++) {
      const before = server.calls.length;
      for (let second = 0; second < 60; second++) {
        await system.advance(1000);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      expect(server.calls.length - before).toBeLessThanOrEqual(minute === 0 ? 6 : 3);
    }
    expect(log.of('warn')).toHaveLength(1);

    server.always(undefined);
    await until('healthy again', async () => {
      await system.advance(1000);
      return tokens.state().status === 'healthy';
    });
    expect(await tokenOf(tokens)).toMatch(/^fresh-/);
  });

  test('a token that is still valid is used meanwhile, to its last second', async () => {
    server.always({ status: 500, body: html });
    const { tokens, system } = await open(login(4 * MINUTE));
    for (let count = 0; count < 12; count++) {
      expect(await tokenOf(tokens)).toBe('stored');
      await system.advance(19_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(tokens.state().status).toBe('healthy');
    await system.advance(13_000);
    expect((await letTimePass(failureOf(tokens), system)).reason).toBe('token_unavailable');
  });

  test('a token in its last 30 s does not make requests wait for all three attempts', async () => {
    server.always({ status: 500, body: html });
    const { tokens } = await open(login(20_000));
    expect(await tokenOf(tokens)).toBe('stored');
    expect(server.calls).toHaveLength(1);
  });
});

describe('R14: endpoints', () => {
  test('a redirect is not followed', async () => {
    const other = await startTokenServer();
    server.always({ status: 307, body: '', headers: { location: other.url } });
    const { tokens, system } = await open(login());
    expect((await letTimePass(failureOf(tokens), system)).reason).toBe('token_unavailable');
    expect(other.calls).toEqual([]);
    await other.close();
  });

  test.each([
    'http://oauth2.example.com/token',
    'http://127.0.0.1.example.com/',
    'ftp://localhost/',
    'nonsense',
    'https://a:b@c.example/',
  ])('token_uri %s is refused before anything is sent', async (uri) => {
    const { tokens } = await open({ refresh_token: 'rt-1', token_uri: uri });
    expect(await failureOf(tokens)).toMatchObject({ reason: 'credentials_invalid', retryable: false });
  });

  test('a token_uri off Google is used, with one warning', async () => {
    const { tokens, log, system } = await open(
      { refresh_token: 'rt-1', token_uri: 'https://localhost.invalid/token' },
      { attemptTimeoutMs: 50 },
    );
    await letTimePass(failureOf(tokens), system);
    expect(log.lines.filter((line) => JSON.stringify(line).includes('"host":"localhost.invalid"'))).toHaveLength(1);
  });
});

describe('states without a call', () => {
  test.each([
    ['no file', undefined, 'login_required', 'npm run login'],
    ['a broken file', ['x'], 'credentials_invalid', 'GOOGLE_APPLICATION_CREDENTIALS'],
    ['a service account', { type: 'service_account' }, 'config_error', 'UPSTREAM=vertex'],
    ['an expired token alone', { access_token: 'at', expiry_date: 1 }, 'login_required', 'no refresh token'],
  ])('%s', async (_, credentials, reason, words) => {
    const { tokens } = await open(credentials);
    const failure = await failureOf(tokens);
    expect(failure).toMatchObject({ status: 503, code: 'UNAVAILABLE', reason, retryable: false });
    expect(failure.message).toContain(words);
    expect(tokens.state()).toMatchObject({ status: reason });
    expect(server.calls).toEqual([]);
  });

  test('a lone access token serves until Google refuses it', async () => {
    const { tokens } = await open({ access_token: 'alone' });
    expect(await tokenOf(tokens)).toBe('alone');
    tokens.discard('alone');
    expect((await failureOf(tokens)).reason).toBe('login_required');
  });

  test('those of another login in the file are in force with it', async () => {
    const { tokens, store } = await open({ ...login(40 * MINUTE), quota_project_id: 'q-1' });
    const before = tokens.known();
    writeFileSync(path, JSON.stringify({ ...login(40 * MINUTE), access_token: 'other', refresh_token: 'rt-2' }));
    await store.reload();
    const identity = tokens.identity();
    expect(identity).not.toBe(before?.identity);
    expect(tokens.known()).toEqual({ token: 'other', identity, quotaProjectId: undefined });
  });

  test('project, quota project and identity come from the credentials', async () => {
    const { tokens } = await open({ ...login(40 * MINUTE), project_id: 'p-1', quota_project_id: 'q-1' });
    expect(tokens.projectId()).toBe('p-1');
    expect(await tokens.get(never)).toEqual({ token: 'stored', identity: tokens.identity(), quotaProjectId: 'q-1' });
  });

  test('no secret is in the log or in the state', async () => {
    server.answer({
      body: { access_token: 'canary-at', refresh_token: 'canary-rt', id_token: 'canary-id', expires_in: 9 },
    });
    const { tokens, log } = await open({ refresh_token: 'canary-old' });
    await tokenOf(tokens);
    expect(JSON.stringify([log.lines, tokens.state()])).not.toContain('canary');
  });
});
