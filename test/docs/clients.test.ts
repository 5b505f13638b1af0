import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newProject } from '../../src/simulator/api-keys.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { paste } from './curl.ts';
import { blocksOf, readPage } from './page.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const ADDRESS = 'http://127.0.0.1:8888';

let relay: TestRelay;
beforeAll(async () => {
  relay = await startRelay();
});
afterAll(async () => {
  await relay.close();
});

const run = async (args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: relay.folder, RELAY_KEY: relay.key },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let trouble = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (trouble += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(code, trouble).toBe(0);
  return output;
};

const blocks = blocksOf(readPage('docs/clients.md'));

describe('docs/clients.md', () => {
  const snippets = blocks.filter(({ language }) => language === 'js').map(({ text }) => text);

  test('shows an SDK for each that the tests have', () => {
    const packages = snippets.map((text) => /from '([^']+)'/.exec(text)?.[1]);
    expect(packages).toEqual([
      ...['openai', 'openai', '@anthropic-ai/sdk', '@google/genai', '@openai/agents', '@ai-sdk/openai'],
      ...['@ai-sdk/openai-compatible', '@ai-sdk/anthropic', '@ai-sdk/google', '@langchain/openai'],
    ]);
  });

  test.each(snippets)('runs as it stands: %s', async (text) => {
    expect(text).toContain(ADDRESS);
    const output = await run(['--input-type=module', '-e', text.replaceAll(ADDRESS, relay.url)]);
    expect(output).toMatch(/^Simulated gemini-2\.5-flash here\. You said: "Hello"/);
  });

  test('the live conversation runs as it stands', async () => {
    const keyed = await startRelay({ door: 'gemini-api' });
    const [text = ''] = blocks.filter(({ language }) => language === 'ts').map((block) => block.text);
    try {
      const output = await run(['--input-type=module', '-e', text.replaceAll(ADDRESS, keyed.url)]);
      expect(output).toMatch(/^(?:21336 letters of sound\n)+$/);
    } finally {
      await keyed.close();
    }
  });

  test('its JSON is JSON', () => {
    for (const { text } of blocks.filter(({ language }) => language === 'json'))
      expect(JSON.parse(text)).toBeTypeOf('object');
  });

  test('its curl line works', async () => {
    const lines = blocks.filter(
      ({ language, text }) => language === 'sh' && text.startsWith('curl ') && text.includes('/chat/completions'),
    );
    expect(lines).toHaveLength(1);
    const output = await paste((lines[0]?.text ?? '').replaceAll(ADDRESS, relay.url), { RELAY_KEY: relay.key });
    expect(JSON.parse(output)).toHaveProperty('choices.0.finish_reason', 'stop');
  });

  test('its lines for files work, the second step of an upload without a key', async () => {
    const lines = blocks.filter(({ language, text }) => language === 'sh' && text.includes('/upload/'));
    expect(lines).toHaveLength(1);
    const keyed = await startRelay({ door: 'gemini-api' });
    try {
      const commands = (lines[0]?.text ?? '').replaceAll(ADDRESS, keyed.url);
      const output = await paste(`cd ${keyed.folder}\n${commands}`, { RELAY_KEY: keyed.key });
      const [first = '', ...rest] = output.split('}').map((piece) => `${piece}}`);
      expect(JSON.parse(first)).toMatchObject({ object: 'file', filename: 'notes.txt', bytes: 26 });
      expect(rest.join('}')).toContain('"displayName": "notes"');
      expect(
        keyed.simulator.kept.files.list([...keyed.simulator.apiKeys.values()][0]?.project ?? newProject('')),
      ).toHaveLength(2);
    } finally {
      await keyed.close();
    }
  });

  test.each(['models/', 'google/', 'gemini/', 'openai/'])(
    '%s before a model is tolerated, as the page says',
    async (prefix) => {
      const body = {
        model: `${prefix}gemini-2.5-flash`,
        messages: [{ role: 'user', content: 'x' }],
        max_tokens: '100',
      };
      expect((await relay.post('/v1/v1/chat/completions', body)).status).toBe(200);
      expect((await relay.post('/chat/completions', { ...body, stream: 'true' })).headers.get('content-type')).toMatch(
        /^text\/event-stream/,
      );
    },
  );
});
