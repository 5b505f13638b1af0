import { afterEach, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { startSocksServer } from '../support/socks-server.ts';
import type { SocksServer } from '../support/socks-server.ts';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const startProxy = async (...options: Parameters<typeof startSocksServer>): Promise<SocksServer> => {
  const proxy = await startSocksServer(...options);
  open.push(proxy);
  return proxy;
};

const start = async (options: StartOptions): Promise<TestRelay> => {
  const relay = await startRelay(options);
  open.push(relay);
  return relay;
};

const chat = (relay: TestRelay): Promise<Response> =>
  relay.post('/v1/chat/completions', {
    model: 'gemini-2.5-flash',
    messages: [{ role: 'user', content: 'say exactly: through the proxy' }],
  });

test.each(['socks5', 'socks5h', 'socks'])('%s:// carries the calls to Gemini', async (scheme) => {
  const proxy = await startProxy('owner:secret word');
  const relay = await start({
    door: 'gemini-api',
    env: { HTTP_PROXY: `${scheme}://owner:secret%20word@${proxy.host}` },
  });
  const response = await chat(relay);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('through the proxy');
  expect(proxy.asked).toEqual([new URL(relay.simulator.url).host]);
});

test('the refresh of the token goes the same way, and the proxy looks names up', async () => {
  const proxy = await startProxy(undefined, { localhost: '127.0.0.1' });
  const relay = await start({ env: { HTTP_PROXY: `socks5h://${proxy.host}` } });
  relay.simulator.expireTokens();
  expect((await chat(relay)).status).toBe(200);
  expect(relay.simulator.asked('token').length).toBeGreaterThan(0);
  expect(proxy.asked.length).toBeGreaterThan(0);
  expect(new Set(proxy.asked)).toEqual(new Set([new URL(relay.simulator.url).host]));
});

test.each([
  ['a wrong password', 'other:one', 'refuses the user name and password'],
  ['no password', '', 'asks for a user name and password|closed|connection'],
])('%s is said, and the password is not', async (_, login, words) => {
  const proxy = await startProxy('owner:canary-password');
  const relay = await start({
    door: 'gemini-api',
    env: { HTTP_PROXY: `socks5://${login === '' ? '' : `${login}@`}${proxy.host}`, CONNECT_TIMEOUT_MS: '1000' },
  });
  const response = await chat(relay);
  expect(response.status).toBe(502);
  const text = await response.text();
  expect(text).toContain('upstream_unreachable');
  expect(text).toMatch(new RegExp(words));
  expect(`${text}${relay.logs.join('')}`).not.toContain('canary-password');
  expect(relay.simulator.requests).toEqual([]);
});
