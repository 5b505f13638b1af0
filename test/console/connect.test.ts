import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '../docs/page.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { openSession } from './visitor.ts';

let relay: TestRelay;
let behind: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
  behind = await startRelay({ env: { TRUST_PROXY_HOPS: '1' } });
});
afterAll(async () => {
  await relay.close();
  await behind.close();
});

interface Connect {
  readonly base_url: string;
  readonly clients: readonly {
    readonly id: string;
    readonly name: string;
    readonly text: string;
    readonly url?: string;
  }[];
}

const connect = async (to: TestRelay, headers: Record<string, string> = {}): Promise<Connect> => {
  const { token } = await openSession(to);
  const response = await fetch(`${to.url}/console/api/connect`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  return (await response.json()) as Connect;
};

describe('settings for clients', () => {
  test('with the address by which the relay was reached, and no key', async () => {
    const { base_url, clients } = await connect(relay);
    expect(base_url).toBe(relay.url);
    for (const { text } of clients) {
      expect(text.includes('{{KEY}}') || text.includes('RELAY_KEY')).toBe(true);
      expect(text).not.toMatch(/\{\{(?!KEY)|undefined/);
      expect(text).not.toContain(relay.key);
    }
    expect(clients.find(({ id }) => id === 'claude-code')?.text).toContain(`ANTHROPIC_BASE_URL=${relay.url} `);
    expect(JSON.parse(clients.find(({ id }) => id === 'opencode')?.text ?? '')).toHaveProperty('provider.relay.npm');
  });

  test('each is one that the documentation knows', async () => {
    const page = readPage('docs/clients.md');
    const { clients } = await connect(relay);
    expect(clients.length).toBeGreaterThan(15);
    for (const { id, name } of clients) if (id !== 'curl') expect(page).toContain(`**${name}**`);
  });

  const FORWARDED = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'relay.example',
    'x-forwarded-prefix': '/gemini/',
  };

  test('proxies are believed where TRUST_PROXY_HOPS says so, and nonsense never', async () => {
    expect((await connect(relay, FORWARDED)).base_url).toBe(relay.url);
    expect((await connect(behind, FORWARDED)).base_url).toBe('https://relay.example/gemini');
    for (const prefix of ['//evil.example', '/"><script>', 'javascript:', '/../x y']) {
      const { base_url } = await connect(behind, { ...FORWARDED, 'x-forwarded-prefix': prefix });
      expect(base_url).toBe('https://relay.example');
    }
    const { base_url } = await connect(behind, { 'x-forwarded-host': 'a"b', 'x-forwarded-proto': 'gopher' });
    expect(base_url).toBe(behind.url);
  });
});
