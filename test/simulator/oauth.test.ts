import { createHash, createSign } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { empty, html, truncated } from '../../src/simulator/faults.ts';
import { oauthError, serverError, tokenless } from '../../src/simulator/google-faults.ts';
import { GEMINI_CLI_CLIENT, OWN_CLIENT } from '../../src/simulator/oauth-clients.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { ask, code, errorOf } from './asking.ts';

const CLOUD = 'https://www.googleapis.com/auth/cloud-platform';
const EMAIL = 'https://www.googleapis.com/auth/userinfo.email';
const REDIRECT = 'http://localhost:8080';
const VERIFIER = 'v'.repeat(50);

const client = { client_id: OWN_CLIENT.id, client_secret: OWN_CLIENT.secret };

describe('the token endpoint', () => {
  let google: Simulator;
  beforeAll(async () => {
    google = await startSimulator();
  });
  beforeEach(() => {
    google.reset();
  });
  afterAll(() => google.close());

  const token = async (form: Readonly<Record<string, string>>) => {
    const answer = await fetch(google.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
    const granted = (await answer.json()) as Readonly<Record<string, unknown>>;
    return { ...granted, status: answer.status } as Readonly<Record<string, unknown>>;
  };

  const authorize = async (more: Readonly<Record<string, string>> = {}) => {
    const query = new URLSearchParams({
      client_id: OWN_CLIENT.id,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: `${CLOUD} ${EMAIL}`,
      access_type: 'offline',
      prompt: 'consent',
      state: 'the-state',
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    });
    const answer = await fetch(`${google.authUrl}?${query.toString()}`, { redirect: 'manual' });
    return { status: answer.status, back: new URL(answer.headers.get('location') ?? 'http://nowhere') };
  };

  const exchange = async (back: URL, more: Readonly<Record<string, string>> = {}) =>
    token({
      ...client,
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      code_verifier: VERIFIER,
      ...more,
    });

  it('logs in with PKCE, once per code', async () => {
    const { status, back } = await authorize();
    expect(status).toBe(302);
    expect(back.searchParams.get('state')).toBe('the-state');
    const granted = await exchange(back);
    expect(granted).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 3599, scope: `${CLOUD} ${EMAIL}` });
    expect(granted.refresh_token).toBeTypeOf('string');
    expect(granted.id_token).toBeTypeOf('string');
    expect(await exchange(back)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it.each([
    ['another verifier', { code_verifier: 'w'.repeat(50) }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['another redirect address', { redirect_uri: 'http://localhost:8081' }, 'redirect_uri_mismatch'],
    ['another client', { client_id: GEMINI_CLI_CLIENT }, 'unauthorized_client'],
    ['an unknown client', { client_id: 'nobody' }, 'invalid_client'],
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client'],
    ['no secret', { client_secret: '' }, 'invalid_request'],
    ['no code', { code: '' }, 'invalid_request'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('refuses a code with %s', async (_what, more, error) => {
    const { back } = await authorize();
    expect(await exchange(back, more)).toMatchObject({ error });
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['an address off this machine', { redirect_uri: 'http://example.com/' }],
    ['another response type', { response_type: 'token' }],
    ['no scope', { scope: '' }],
  ])('shows an error page for %s', async (_what, more) => {
    expect((await authorize(more)).status).toBe(400);
  });

  it('plays an owner who denies, who ticks off a scope, and a stranger’s state', async () => {
    google.account.consent.deny = true;
    expect((await authorize()).back.searchParams.get('error')).toBe('access_denied');
    google.account.consent = { deny: false, withoutScopes: [CLOUD], wrongState: true };
    const { back } = await authorize();
    expect(back.searchParams.get('state')).not.toBe('the-state');
    expect((await exchange(back)).scope).toBe(EMAIL);
  });

  it('gives a second refresh token only with prompt=consent', async () => {
    google.account.consentedBefore = true;
    const { back } = await authorize({ prompt: '' });
    expect(await exchange(back)).not.toHaveProperty('refresh_token');
  });

  const refresh = (refreshToken: unknown, more: Readonly<Record<string, string>> = {}) =>
    token({ ...client, grant_type: 'refresh_token', refresh_token: String(refreshToken), ...more });

  it('refreshes, for the client that owns the token', async () => {
    const mine = google.authorizedUser.refresh_token;
    const granted = await refresh(mine);
    expect(granted).toMatchObject({ status: 200, expires_in: 3599 });
    expect(granted).not.toHaveProperty('refresh_token');
    expect(await refresh(google.credentials.refresh_token)).toMatchObject({ error: 'unauthorized_client' });
    expect(
      await refresh(google.credentials.refresh_token, { client_id: GEMINI_CLI_CLIENT, client_secret: 'published' }),
    ).toMatchObject({ status: 200 });
  });

  it('rotates, and forgets the old refresh token', async () => {
    const { refresh_token: old } = google.issue();
    const cli = { client_id: GEMINI_CLI_CLIENT, client_secret: 'published' };
    google.account.rotateRefreshTokens = true;
    const granted = await refresh(old, cli);
    expect(granted.refresh_token).not.toBe(old);
    expect(await refresh(old, cli)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await refresh(granted.refresh_token, cli)).toMatchObject({ status: 200 });
  });

  it('ends in invalid_grant once access is withdrawn', async () => {
    const other = await startSimulator();
    other.revokeTokens();
    const answer = await fetch(other.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        ...client,
        grant_type: 'refresh_token',
        refresh_token: String(other.authorizedUser.refresh_token),
      }),
    });
    expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
    await other.close();
  });

  it('tells any lifetime it is told to tell', async () => {
    google.account.expiresIn = '3600000';
    expect(await refresh(google.authorizedUser.refresh_token)).toMatchObject({ expires_in: '3600000' });
    google.account.expiresIn = null;
    expect(await refresh(google.authorizedUser.refresh_token)).not.toHaveProperty('expires_in');
  });

  it.each([
    ['a server error', serverError(503), 503],
    ['a page', html(), 200],
    ['an answer without token', tokenless(), 200],
    ['half an answer', truncated(12), 200],
    ['nothing', empty(), 200],
    ['a refusal', oauthError('invalid_grant'), 400],
  ])('plays %s', async (_what, fault, status) => {
    google.next('token', fault);
    const form = { ...client, grant_type: 'refresh_token', refresh_token: String(google.authorizedUser.refresh_token) };
    const answer = await fetch(google.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('access_token');
    expect(google.asked('token')).toHaveLength(1);
  });

  it('grants a service account by its signature', async () => {
    const file = await google.serviceAccount();
    const seconds = Math.floor(Date.now() / 1000);
    const assertion = (claims: object, key = String(file.private_key)): string => {
      const body = [
        { alg: 'RS256', typ: 'JWT' },
        { iss: file.client_email, aud: google.tokenUrl, scope: CLOUD, iat: seconds, exp: seconds + 3600, ...claims },
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${body}.${createSign('RSA-SHA256').update(body).sign(key, 'base64url')}`;
    };
    const grant = (text: string) =>
      token({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: text });
    const granted = await grant(assertion({}));
    expect(granted).toMatchObject({ status: 200, scope: CLOUD });
    const { status } = await ask(google, {
      ...code('hello'),
      headers: { authorization: `Bearer ${String(granted.access_token)}` },
    });
    expect(status).toBe(200);
    expect(await grant(`${assertion({}).slice(0, -8)}AAAAAAAA`)).toMatchObject({ error: 'invalid_grant' });
    expect(await grant(assertion({ aud: 'https://example.com' }))).toMatchObject({ error: 'invalid_grant' });
    expect(await grant(assertion({ exp: seconds - 10 }))).toMatchObject({ error: 'invalid_grant' });
    expect(await grant(assertion({ iss: 'nobody' }))).toMatchObject({ error: 'invalid_grant' });
  });

  it('knows who an access token is for, until it runs out', async () => {
    const { access_token: access } = google.issue();
    const asking = (path: string, body?: object) =>
      ask(google, { path, body, headers: { authorization: `Bearer ${access}` } });
    expect(await (await asking('/oauth2/v2/userinfo')).json()).toMatchObject({ email: 'owner@example.com' });
    expect(await (await asking('/tokeninfo', {})).json()).toMatchObject({ email: 'owner@example.com' });
    google.expireTokens();
    expect((await asking('/oauth2/v2/userinfo')).status).toBe(401);
    expect((await asking('/tokeninfo', {})).status).toBe(400);
  });

  it('revokes what it is asked to', async () => {
    const { refresh_token: refreshToken } = google.issue();
    const revoke = () =>
      fetch(`${google.url}/revoke`, { method: 'POST', body: new URLSearchParams({ token: refreshToken }) });
    expect([(await revoke()).status, (await revoke()).status]).toEqual([200, 400]);
  });
});

describe('an access token', () => {
  let google: Simulator;
  beforeAll(async () => {
    google = await startSimulator();
  });
  afterAll(() => google.close());

  it.each([
    ['missing', () => '', 401, 'CREDENTIALS_MISSING'],
    ['of nobody', () => 'Bearer ya29.nobody', 401, 'ACCESS_TOKEN_TYPE_UNSUPPORTED'],
    ['run out', () => `Bearer ${google.issue({ expired: true }).access_token}`, 401, 'ACCESS_TOKEN_EXPIRED'],
    ['for less', () => `Bearer ${google.issue({ scope: EMAIL }).access_token}`, 403, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'],
  ])('that is %s is refused', async (_what, authorization, status, reason) => {
    const answer = await ask(google, { ...code('hello'), headers: { authorization: authorization() } });
    expect(answer.status).toBe(status);
    expect((await errorOf(answer)).details).toMatchObject([{ reason, domain: 'googleapis.com' }]);
  });
});
