import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProxyAgent } from 'undici';
import { expect, test } from 'vitest';
import {
  DEFAULT_OAUTH,
  isGoogleHost,
  isSafeEndpoint,
  toOAuthSettings,
  userinfoUrlFor,
} from '../../src/credentials/google-client.ts';
import { refreshTokens } from '../../src/credentials/token-endpoint.ts';

test('T12: the token call goes through the dispatcher that it is given, and so through a proxy', async () => {
  const through: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request: { url?: string }, socket: { end: (text: string) => void }) => {
    through.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const dispatcher = new ProxyAgent(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  try {
    const outcome = await refreshTokens(DEFAULT_OAUTH, 'rt', { dispatcher }, new AbortController().signal);
    expect(outcome).toMatchObject({ kind: 'trouble', again: true });
    expect(through).toEqual(['oauth2.googleapis.com:443']);
  } finally {
    await dispatcher.destroy();
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  }
});

test.each([
  ['https://oauth2.googleapis.com/token', true, true],
  ['https://auth.example.com/token', true, false],
  ['http://localhost:8080/token', true, true],
  ['http://127.0.0.1:9/', true, true],
  ['http://[::1]:9/', true, true],
  ['https://oauth2.googleapis.com.evil.example/', true, false],
  ['https://evilgoogleapis.com/', true, false],
])('R14: %s is safe: %s, of Google or of this machine: %s', (url, safe, google) => {
  expect(isSafeEndpoint(url)).toBe(safe);
  expect(isGoogleHost(url)).toBe(google);
});

test.each([
  'http://oauth2.googleapis.com/token',
  'http://127.0.0.1.example/',
  'http://localhost.example/',
  'file:///x',
  '',
])('R14: %s is not safe', (url) => {
  expect(isSafeEndpoint(url)).toBe(false);
});

test('an own client never borrows our secret', () => {
  const none = { clientId: undefined, clientSecret: undefined, authUrl: undefined, tokenUrl: undefined };
  expect(toOAuthSettings(none)).toEqual(DEFAULT_OAUTH);
  expect(toOAuthSettings({ ...none, clientId: 'own' }).clientSecret).toBeUndefined();
});

test('the mail address is asked where the tokens come from', () => {
  expect(userinfoUrlFor(DEFAULT_OAUTH.tokenUrl)).toBe('https://www.googleapis.com/oauth2/v2/userinfo');
  expect(userinfoUrlFor('http://127.0.0.1:5/token')).toBe('http://127.0.0.1:5/oauth2/v2/userinfo');
});
