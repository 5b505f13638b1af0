import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { readPage } from './page.ts';

const page = readPage('docs/endpoints.md');
const [, own = ''] = page.split("## The relay's own");
const [, spellings = ''] = page.split('## Other spellings');

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(async () => {
  await relay.close();
});

const statusOf = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  (await fetch(`${relay.url}${path}`, { headers })).status;

const rows = [...own.matchAll(/^\| `GET (\S+)`\s*\| (\S+)/gm)].map(([, path = '', key = '']) => ({ path, key }));

describe("docs/endpoints.md: the relay's own addresses", () => {
  test('are all of them, those that the first page tells included', async () => {
    const home = await fetch(relay.url, { headers: { accept: 'application/json' } });
    const { endpoints } = (await home.json()) as { readonly endpoints: Readonly<Record<string, readonly string[]>> };
    const told = [...(endpoints['relay'] ?? []), ...(endpoints['open'] ?? [])];
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((endpoint) => !rows.some(({ path }) => endpoint === `GET ${path}`))).toEqual([]);
    expect(rows.map(({ path }) => path)).toEqual(['/', '/livez', '/health', '/metrics', '/v1/usage', '/console']);
  });

  test.each(rows)('$path opens without a key where the page says so, and with the owner’s', async ({ path, key }) => {
    expect(await statusOf(path)).toBe(/^none/.test(key) ? 200 : 401);
    expect(await statusOf(path, { authorization: `Bearer ${relay.key}` })).toBe(200);
  });
});

describe('docs/endpoints.md: other spellings', () => {
  const authorization = { authorization: 'Bearer KEY' };
  const anthropic = { 'x-api-key': 'KEY', 'anthropic-version': '2023-06-01' };
  const google = { 'x-goog-api-key': 'KEY' };
  const shown = (headers: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('KEY', relay.key)]));

  test.each([
    ['/models', authorization],
    ['/v1/v1/models', authorization],
    ['/v1beta/openai/models', authorization],
    ['/anthropic/v1/models', anthropic],
    ['/anthropic/models', anthropic],
    ['/v1/models', google],
    ['/models/gemini-2.5-flash', google],
  ])('%s with %o', async (path, headers) => {
    expect(await statusOf(path, shown(headers))).toBe(200);
  });

  test.each(['/v1/models/', '/models/', '/v1/projects/p/locations/l/publishers/google/models/'])(
    'a question below %s',
    async (base) => {
      const answer = await fetch(`${relay.url}${base}gemini-2.5-flash:generateContent`, {
        method: 'POST',
        headers: { ...shown(google), 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
      });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"candidates"')]);
    },
  );

  test('are told', () => {
    for (const base of ['/v1/v1', '/v1beta/openai', '/anthropic', '/v1/projects/…'])
      expect(spellings).toContain(`\`${base}`);
  });
});
