import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addToEnvFile } from '../../src/config/env-file-write.ts';
import { parseEnvText } from '../../src/config/env-text.ts';
import { checkApiKey } from '../../src/program/check-key.ts';
import { firstRun } from '../../src/program/first-run.ts';
import type { KeyCheck } from '../../src/program/first-run.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { testTransport } from '../upstreams/rig.ts';

const talk = async (answers: readonly string[], check: KeyCheck = { kind: 'good' }, loggedIn = true) => {
  const left = [...answers];
  const said: string[] = [];
  const kept: Record<string, string> = {};
  let logins = 0;
  await firstRun({
    say: (text) => said.push(text),
    ask: () => Promise.resolve(left.shift()),
    checkKey: (key) => Promise.resolve(key === 'bad' ? { kind: 'refused', message: 'not valid.' } : check),
    login: () => {
      logins += 1;
      return Promise.resolve(loggedIn);
    },
    keep: (settings) => Object.assign(kept, settings),
  });
  return { said: said.join('\n'), kept, logins, left };
};

describe('the first run', () => {
  test('keeps a key that Google takes, and asks again for one that it refuses', async () => {
    const { said, kept } = await talk(['1', 'bad', '  AQ.good  ']);
    expect(kept).toEqual({ GEMINI_API_KEY: 'AQ.good' });
    expect(said).toContain('https://aistudio.google.com/apikey');
    expect(said).toContain('Google refuses this key: not valid.');
    expect(said).toContain('Google takes the key.');
  });

  test('keeps a key that Google could not be asked about, and says so', async () => {
    const { said, kept } = await talk(['1', 'AQ.key'], { kind: 'unknown', message: 'ENOTFOUND' });
    expect(kept).toEqual({ GEMINI_API_KEY: 'AQ.key' });
    expect(said).toContain('could not be asked about it: ENOTFOUND');
    expect(said).toContain('It is kept anyway, in .env.');
  });

  test('takes a project by its id, then logs in', async () => {
    const { kept, logins, said } = await talk(['2', 'My Project', 'my-project-123']);
    expect([kept, logins]).toEqual([{ UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: 'my-project-123' }, 1]);
    expect(said).toContain('6 to 30 small letters');
  });

  test('logs in for a licence, and goes on where that was left', async () => {
    const { logins, said, kept } = await talk(['3'], undefined, false);
    expect([logins, kept]).toEqual([1, {}]);
    expect(said).toContain('There is no login yet.');
  });

  test.each([[['4']], [[]], [['five', '4']], [['1', '']], [['2']]])('%j starts without', async (answers) => {
    const { kept, logins, left } = await talk(answers);
    expect([kept, logins, left]).toEqual([{}, 0, []]);
  });
});

describe('a key is checked with Google', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  test('a good one, one that it refuses, one that is none, and no answer', async () => {
    const transport = testTransport();
    const check = (key: string, url = simulator.url) => checkApiKey(key, url, transport);
    expect(await check(simulator.apiKey)).toEqual({ kind: 'good' });
    expect(await check('AQ.wrong')).toMatchObject({ kind: 'refused' });
    expect(await check('two words')).toMatchObject({ kind: 'refused' });
    // In words that tell what to look at.
    const away = await check('AQ.key', 'http://127.0.0.1:1');
    expect(away).toMatchObject({ kind: 'unknown' });
    expect(away).toHaveProperty(
      'message',
      expect.stringMatching(/^The relay cannot reach .*refused\. Check the network/),
    );
    await transport.close();
  });
});

describe('.env', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-env-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('is made for its owner alone, and what stands there stays', () => {
    const path = join(folder, '.env');
    addToEnvFile({ GEMINI_API_KEY: 'AQ.one' }, path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    writeFileSync(path, 'PORT=9000 # mine\nGEMINI_API_KEY=old', { mode: 0o644 });
    addToEnvFile({ GEMINI_API_KEY: 'a b#c', UPSTREAM: 'vertex' }, path);
    expect(readFileSync(path, 'utf8')).toMatch(/^PORT=9000 # mine\nGEMINI_API_KEY=old\n/);
    expect(parseEnvText(readFileSync(path, 'utf8'))).toEqual({
      PORT: '9000',
      GEMINI_API_KEY: 'a b#c',
      UPSTREAM: 'vertex',
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
