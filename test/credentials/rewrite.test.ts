import { describe, expect, test } from 'vitest';
import type { CredentialsFormat } from '../../src/credentials/formats.ts';
import { readCredentials } from '../../src/credentials/formats.ts';
import { rewriteCredentials } from '../../src/credentials/rewrite.ts';

const UPDATE = {
  accessToken: 'new-at',
  expiresAt: Date.UTC(2026, 10, 21, 12, 30, 15, 123),
  lifetimeMs: 3_599_000,
  extras: { scope: 'new scope', token_type: 'Bearer' },
};

const rewrite = (text: string, more = {}): string => {
  const reading = readCredentials(text);
  if (reading.kind !== 'oauth') throw new Error(reading.kind);
  return rewriteCredentials(reading.text, reading.credentials.format, { ...UPDATE, ...more });
};

describe('R2: what is not a token comes through a rewrite untouched', () => {
  test('Gemini CLI: spacing, order, big numbers and nested strangers', () => {
    const text =
      '{\n  "access_token": "old",\n  "7": {"deep": [1.0, 12345678901234567890]},\n  "refresh_token": "rt",\n' +
      '  "scope": "old scope",\n  "expiry_date": 1700000000000,\n  "z": 9007199254740993,\n  "token_type": "Bearer"\n}\n';
    expect(rewrite(text)).toBe(
      text
        .replace('"old"', '"new-at"')
        .replace('"old scope"', '"new scope"')
        .replace('1700000000000', String(UPDATE.expiresAt)),
    );
  });

  test('geminicli2api keeps its names, its list of scopes and the spelling of its date', () => {
    const text = JSON.stringify({
      client_id: 'c',
      token: 'old',
      refresh_token: 'rt',
      scopes: ['a'],
      expiry: '2025-01-01T00:00:00.000001+00:00',
      extra: { kept: true },
    });
    expect(rewrite(text)).toBe(
      text.replace('"old"', '"new-at"').replace('2025-01-01T00:00:00.000001', '2026-11-21T12:30:15.123000'),
    );
  });

  test('OAuth playground', () => {
    expect(JSON.parse(rewrite('{"access_token":"o","refresh_token":"rt","expires_in":12,"x":null}'))).toEqual({
      access_token: 'new-at',
      refresh_token: 'rt',
      expires_in: 3599,
      x: null,
    });
  });

  test('CLIProxyAPI', () => {
    const text =
      '{"type":"gemini","token":{"access_token":"o","refresh_token":"rt","expiry":"2025-01-01T00:00:00Z"},"auto":true}';
    expect(rewrite(text)).toBe(
      '{"type":"gemini","token":{"access_token":"new-at","refresh_token":"rt","expiry":"2026-11-21T12:30:15Z"},"auto":true}',
    );
  });

  test.each([
    [
      '{"refresh_token":"rt"}',
      { access_token: 'new-at', expiry_date: UPDATE.expiresAt, scope: 'new scope', token_type: 'Bearer' },
    ],
    [
      '{"type":"authorized_user","client_id":"c","refresh_token":"rt"}',
      { token: 'new-at', expiry: '2026-11-21T12:30:15.123Z' },
    ],
    ['{"type":"gemini","token":{"refresh_token":"rt"}}', {}],
  ])('%s gains the fields of its format', (text, added) => {
    const before = JSON.parse(text) as object;
    const after = JSON.parse(rewrite(text)) as Record<string, unknown>;
    if ('token' in before)
      expect(after['token']).toEqual({
        refresh_token: 'rt',
        access_token: 'new-at',
        expiry: '2026-11-21T12:30:15.123Z',
      });
    else expect(after).toEqual({ ...before, ...added });
  });

  test.each([
    ['is missing', {}],
    ['is missing, beside an own client', { client_id: 'own', client_secret: 's', id_token: 'i' }],
    ['is in seconds', { expiry_date: 1_700_000_000 }],
    ['is a number as text', { expiry_date: '1700000000000' }],
    ['is an ISO date', { expiry_date: '2025-01-01T00:00:00Z' }],
    ['is garbage', { expiry_date: 'soon' }],
    ['is null', { expiry_date: null }],
    ['is negative', { expiry_date: -5 }],
    ['is an object', { expiry_date: {} }],
    ['is garbage, beside an own client', { expiry_date: 'soon', client_id: 'own', token_uri: 'https://x' }],
  ])('a Gemini CLI file whose expiry_date %s is one afterwards, as Gemini CLI itself reads it', (_, fields) => {
    const file = { access_token: 'old', refresh_token: 'rt', scope: 's', token_type: 'Bearer', ...fields };
    const after = JSON.parse(rewrite(JSON.stringify(file))) as Record<string, unknown>;
    expect(after).toEqual({
      ...file,
      access_token: 'new-at',
      scope: 'new scope',
      expiry_date: UPDATE.expiresAt,
    });
  });

  test('both names of a token are kept in step', () => {
    const after = JSON.parse(
      rewrite(
        '{"token":"a","access_token":"b","refresh_token":"rt","expiry":"2025-01-01T00:00:00","expiry_date":1700000000000}',
      ),
    ) as object;
    expect(after).toMatchObject({
      token: 'new-at',
      access_token: 'new-at',
      expiry: '2026-11-21T12:30:15',
      expiry_date: UPDATE.expiresAt,
    });
  });

  test('a new refresh token replaces the old one; none leaves it', () => {
    expect(JSON.parse(rewrite('{"refresh_token":"rt"}', { refreshToken: 'rt-2' }))).toMatchObject({
      refresh_token: 'rt-2',
    });
    expect(JSON.parse(rewrite('{"refresh_token":"rt"}'))).toMatchObject({ refresh_token: 'rt' });
  });

  test('a name that stands twice, or spelled with escapes, is still rewritten where it counts', () => {
    expect(JSON.parse(rewrite('{"access_token":"a","access_token":"b","refresh_token":"rt"}'))).toMatchObject({
      access_token: 'new-at',
    });
    expect(JSON.parse(rewrite('{"\\u0061ccess_token":"a","refresh_token":"rt"}'))).toMatchObject({
      access_token: 'new-at',
    });
  });

  test.each(['gemini-cli', 'authorized-user', 'oauth-playground', 'cli-proxy-api'] satisfies CredentialsFormat[])(
    '%s into an empty object gives something that can be read again',
    (format) => {
      const text = rewriteCredentials('{}', format, { ...UPDATE, refreshToken: 'rt' });
      expect(readCredentials(text)).toMatchObject({
        kind: 'oauth',
        credentials: { accessToken: 'new-at', refreshToken: 'rt' },
      });
    },
  );
});
