/** What a browser sees at `/`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay({ door: 'none', env: { TRUST_PROXY_HOPS: '1' } });
});
afterAll(() => relay.close());

const page = async (headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(relay.url, { headers: { accept: 'text/html', ...headers } })).text();

test('state, address, and the way to the console', async () => {
  const text = await page({ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example' });
  expect(text).toContain('login required: ');
  expect(text).toContain('<code>https://relay.example</code>');
  expect(text).toContain(' href="console">');
  expect(await page({ 'x-forwarded-host': '"><script>alert(1)</script>' })).not.toContain('<script>');
});

test('no way to a console that is off', async () => {
  const off = await startRelay({ env: { CONSOLE: 'off' } });
  try {
    expect(await (await fetch(off.url, { headers: { accept: 'text/html' } })).text()).not.toContain('href="console"');
  } finally {
    await off.close();
  }
});

test('/favicon.ico', async () => {
  const icon = await fetch(`${relay.url}/favicon.ico`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
});
