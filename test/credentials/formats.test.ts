import { describe, expect, test } from 'vitest';
import { decodeText, readCredentials, readCredentialsVariable } from '../../src/credentials/formats.ts';

const GEMINI_CLI = {
  access_token: 'at-1',
  refresh_token: 'rt-1',
  scope: 'https://www.googleapis.com/auth/cloud-platform openid',
  token_type: 'Bearer',
  id_token: 'id-1',
  expiry_date: 1_768_435_200_000,
};

const AUTHORIZED_USER = {
  client_id: 'client-1',
  client_secret: 'secret-1',
  token: 'at-2',
  refresh_token: 'rt-2',
  scopes: ['https://www.googleapis.com/auth/cloud-platform'],
  token_uri: 'https://oauth2.googleapis.com/token',
  expiry: '2026-01-15T00:00:00.123456+00:00',
  project_id: 'project-1',
};

const oauth = (value: unknown) => {
  const reading = readCredentials(JSON.stringify(value));
  if (reading.kind !== 'oauth') throw new Error(`read as ${reading.kind}`);
  return reading.credentials;
};

describe('formats of credentials', () => {
  test('Gemini CLI', () => {
    expect(oauth(GEMINI_CLI)).toEqual({
      format: 'gemini-cli',
      accessToken: 'at-1',
      refreshToken: 'rt-1',
      scopes: ['https://www.googleapis.com/auth/cloud-platform', 'openid'],
      expiresAt: 1_768_435_200_000,
    });
  });

  test('geminicli2api and authorized_user', () => {
    expect(oauth(AUTHORIZED_USER)).toEqual({
      format: 'authorized-user',
      accessToken: 'at-2',
      refreshToken: 'rt-2',
      clientId: 'client-1',
      clientSecret: 'secret-1',
      tokenUri: 'https://oauth2.googleapis.com/token',
      scopes: ['https://www.googleapis.com/auth/cloud-platform'],
      expiresAt: Date.UTC(2026, 0, 15, 0, 0, 0, 123),
      projectId: 'project-1',
    });
  });

  test('OAuth playground: expires_in says nothing about when, so there is no date', () => {
    const read = oauth({ access_token: 'at', refresh_token: 'rt', expires_in: 3599, scope: 'a b' });
    expect(read).toMatchObject({ format: 'oauth-playground', accessToken: 'at', refreshToken: 'rt' });
    expect(read.expiresAt).toBeUndefined();
  });

  test('CLIProxyAPI keeps the tokens one level down', () => {
    const token = { access_token: 'at', refresh_token: 'rt', expiry: '2026-01-15T00:00:00Z', client_id: 'c' };
    expect(oauth({ type: 'gemini', token, project_id: 'one,two', email: 'me@example.com', auto: true })).toMatchObject({
      format: 'cli-proxy-api',
      accessToken: 'at',
      refreshToken: 'rt',
      clientId: 'c',
      projectId: 'one',
      expiresAt: Date.UTC(2026, 0, 15),
    });
    expect(oauth({ type: 'gemini', token, project_id: 'ALL' }).projectId).toBeUndefined();
  });

  test('mixed names, a lone refresh token, blanks round a token', () => {
    expect(
      oauth({ access_token: 'at', refresh_token: ' rt\n', expiry: '2026-01-15T00:00:00', scope: 'x' }),
    ).toMatchObject({
      accessToken: 'at',
      refreshToken: 'rt',
      expiresAt: Date.UTC(2026, 0, 15),
    });
    expect(oauth({ refresh_token: 'rt' })).toEqual({ format: 'gemini-cli', refreshToken: 'rt', scopes: [] });
    expect(oauth({ refresh_token: 'rt', scopes: 'a,b' }).scopes).toEqual(['a', 'b']);
  });

  test.each([
    ['service_account'],
    ['external_account'],
    ['external_account_authorized_user'],
    ['impersonated_service_account'],
    ['gdch_service_account'],
  ])('%s is Application Default Credentials, not a broken login', (type) => {
    expect(readCredentials(JSON.stringify({ type, private_key: 'k' }))).toMatchObject({ kind: 'adc', type });
  });

  test.each([
    ['', 'is empty'],
    ['  \r\n', 'is empty'],
    ['[]', 'not an object'],
    ['null', 'not an object'],
    ['{}', 'neither a refresh_token nor an access token'],
    ['{"refresh_token":""}', 'neither'],
    ['{"refresh_token":7}', 'refresh_token that is no text'],
    ['{"installed":{"client_id":"x"}}', 'OAuth client'],
    [`${'a1'.repeat(12)}:${'b2'.repeat(16)}:${'c3'.repeat(40)}`, 'encrypted store of Gemini CLI'],
  ])('%j is refused with the reason', (text, problem) => {
    expect(readCredentials(text)).toMatchObject({
      kind: 'invalid',
      problem: expect.stringContaining(problem) as string,
    });
  });

  test('T3: a parse failure tells the place and not one letter of the value', () => {
    const reading = readCredentials('{\n  "refresh_token": "1//canary",\n  "access_token": canary2\n}');
    if (reading.kind !== 'invalid') throw new Error('was read');
    expect(reading.problem).toMatch(/line 3, column 19/);
    expect(reading.problem).not.toMatch(/canary/);
  });

  test('byte order marks, CRLF, and the UTF-16 of PowerShell', () => {
    const text = JSON.stringify(GEMINI_CLI, null, 2).replaceAll('\n', '\r\n');
    expect(readCredentials(`\uFEFF${text}\r\n`).kind).toBe('oauth');
    expect(readCredentials(decodeText(Buffer.from(`\uFEFF${text}`, 'utf16le'))).kind).toBe('oauth');
  });
});

describe('T3: credentials in a variable', () => {
  const json = JSON.stringify(GEMINI_CLI);
  const pretty = JSON.stringify(GEMINI_CLI, null, 2);
  test.each([
    ['plain', json],
    ['several lines', pretty],
    ['blanks around', `  ${json} \n`],
    ['single quotes', `'${json}'`],
    ['single quotes, several lines', `'${pretty}'`],
    ['double quotes, unescaped inside', `"${json}"`],
    ['double quotes, escaped', JSON.stringify(json)],
    ['double quotes, escaped, several lines', JSON.stringify(pretty)],
    ['escaped without quotes', JSON.stringify(json).slice(1, -1)],
    ['base64', Buffer.from(json).toString('base64')],
    [
      'base64 in lines',
      (
        Buffer.from(pretty)
          .toString('base64')
          .match(/.{1,76}/g) ?? []
      ).join('\n'),
    ],
    ['base64url', Buffer.from(json).toString('base64url')],
    ['base64 of quoted JSON', Buffer.from(`'${json}'`).toString('base64')],
    ['quoted base64', `"${Buffer.from(json).toString('base64')}"`],
    ['base64 with a mark', Buffer.from(`\uFEFF${json}\r\n`).toString('base64')],
  ])('%s', (_, value) => {
    expect(readCredentialsVariable(value)).toMatchObject({ kind: 'oauth', credentials: { refreshToken: 'rt-1' } });
  });

  test.each([
    ["{'refresh_token': 'canary'}", /column 2/],
    ['\'{"refresh_token":"canary",}\'', /column 28/],
    ['canary', /column 1/],
    ['Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5', /column 1/],
  ])('%s: names the column', (value, place) => {
    const reading = readCredentialsVariable(value);
    if (reading.kind !== 'invalid') throw new Error('was read');
    expect(reading.problem).toMatch(place);
    expect(reading.problem).not.toMatch(/canary/i);
  });
});
