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
    readonly language: string;
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

  test('all clients that the documentation knows, and no other', async () => {
    const named = [...readPage('docs/clients.md').matchAll(/\*\*([^*]+)\*\*/g)].map(([, name = '']) => name);
    const { clients } = await connect(relay);
    expect(clients.map(({ name }) => name).sort()).toEqual([...named, 'curl'].sort());
  });

  test('each in the words of the documentation, whose examples are run', async () => {
    const page = readPage('docs/clients.md');
    const [text, opencode = ''] = [plain(page), /^\{\n {2}"provider"[\s\S]*?^\}/m.exec(page)?.[0]];
    for (const { id, name, language, url = '', ...client } of (await connect(relay)).clients) {
      const told = client.text.replaceAll(relay.url, ADDRESS).replaceAll('{{KEY}}', 'KEY');
      if (id === 'opencode') {
        expect(JSON.parse(told)).toEqual(JSON.parse(opencode.replace('{env:RELAY_KEY}', 'KEY')));
      } else if (language === 'text' || id === 'librechat') {
        const paragraph = page.split('\n').find((line) => line.includes(`**${name}**`));
        expect(paragraph?.replace('https://your-address', ADDRESS)).toContain(url.replace(relay.url, ADDRESS));
      } else {
        // Codex reads its key from the environment alone.
        expect(text, id).toContain(plain(told.replace('\n\n# export RELAY_KEY=KEY', '')));
      }
    }
  });
  const ADDRESS = 'http://127.0.0.1:8888';
  const plain = (text: string): string =>
    text
      .replaceAll('process.env.RELAY_KEY', "'KEY'")
      .replaceAll('os.environ["RELAY_KEY"]', '"KEY"')
      .replaceAll(/\$RELAY_KEY|your relay key/g, 'KEY')
      .replaceAll('gemini-3.1-pro-preview', 'gemini-2.5-flash')
      .replaceAll('os.Getenv("RELAY_KEY")', '"KEY"')
      .replaceAll('System.getenv("RELAY_KEY")', '"KEY"')
      .replaceAll(/import os\n|"os"\n/g, '')
      .replaceAll(/\s+/g, ' ');

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
