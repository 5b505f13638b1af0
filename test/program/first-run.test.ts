import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../src/config/env-file.ts';
import { addToEnvFile } from '../../src/config/env-file-write.ts';
import { parseEnvText } from '../../src/config/env-text.ts';
import { checkApiKey } from '../../src/program/check-key.ts';
import { firstRun } from '../../src/program/first-run.ts';
import type { KeyCheck } from '../../src/program/first-run.ts';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { testTransport } from '../upstreams/rig.ts';

interface Around {
  readonly loggedIn?: boolean;
  readonly hasCloudLogin?: boolean;
  readonly unwritable?: string;
}

const talk = async (
  answers: readonly string[],
  check: KeyCheck = { kind: 'good' },
  { loggedIn = true, hasCloudLogin = false, unwritable }: Around = {},
) => {
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
    hasCloudLogin,
    keep: (settings) => {
      Object.assign(kept, settings);
      return unwritable;
    },
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

  test('tells what is no key from one that Google refuses', async () => {
    const { said } = await talk(['1', 'x', ''], { kind: 'malformed' });
    expect(said).toContain('That is no key: one is a single word');
    expect(said).not.toContain('Google refuses');
  });

  test.each([
    ['1', 'AQ.key', { GEMINI_API_KEY: 'AQ.key' }],
    ['2', 'my-project-123', { UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: 'my-project-123' }],
  ])(
    'answer %s in a folder that cannot be written: this start has it, and that is said',
    async (way, word, settings) => {
      const { said, kept } = await talk([way, word], undefined, { unwritable: 'EROFS' });
      expect(kept).toEqual(settings);
      expect(said).toContain('.env cannot be written here (EROFS): what you entered holds for this start only.');
      expect(said).not.toMatch(/(?:is|are) in \.env/);
    },
  );

  test('a project needs no login where this machine has credentials of Google Cloud', async () => {
    const { kept, logins, said } = await talk(['2', 'my-project-123'], undefined, { hasCloudLogin: true });
    expect([kept, logins]).toEqual([{ UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: 'my-project-123' }, 0]);
    expect(said).toContain('The credentials of Google Cloud on this machine go with it.');
  });

  test('takes a project by its id, then logs in', async () => {
    const { kept, logins, said } = await talk(['2', 'My Project', 'my-project-123']);
    expect([kept, logins]).toEqual([{ UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: 'my-project-123' }, 1]);
    expect(said).toContain('6 to 30 small letters');
  });

  test('logs in for a licence, and goes on where that was left', async () => {
    const { logins, said, kept } = await talk(['3'], undefined, { loggedIn: false });
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
    expect(await check('two words')).toEqual({ kind: 'malformed' });
    // Google's own words for it ask for an OAuth token.
    simulator.apiKeys.set('AIzaOld', { ...newApiKey(newProject('old')), state: 'retired' });
    expect(await check('AIzaOld')).toEqual({ kind: 'refused', message: expect.stringContaining('retired') as string });
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

  test.each([
    ['UTF-16, as PowerShell writes it', Buffer.from('\ufeffPORT=9000\r\n', 'utf16le')],
    ['a byte order mark', Buffer.from('\ufeffPORT=9000\r\n')],
    ['no line end', Buffer.from('# mine\r\nPORT=9000')],
  ])('of Windows (%s) keeps what it says and its line ends', (_what, bytes) => {
    const path = join(folder, '.env-windows');
    writeFileSync(path, bytes);
    addToEnvFile({ GEMINI_API_KEY: 'AQ.one' }, path);
    expect(loadEnvironment({}, path).fromFile).toEqual({ PORT: '9000', GEMINI_API_KEY: 'AQ.one' });
    expect(readFileSync(path, 'utf8')).toMatch(/PORT=9000\r\nGEMINI_API_KEY=AQ\.one\r\n$/);
  });

  test.runIf(process.platform !== 'win32').each([
    ['.env-full', 'PORT=9000\nMODELS=mine\n'],
    ['.env-none', undefined],
  ])('a disk that takes no more leaves it as it is: %s', (name, before) => {
    const path = join(folder, name);
    if (before !== undefined) writeFileSync(path, before);
    const program = `
      const { addToEnvFile } = await import(${JSON.stringify(new URL('../../src/config/env-file-write.ts', import.meta.url).href)});
      try { addToEnvFile({ GEMINI_API_KEY: 'AQ.one' }, ${JSON.stringify(path)}); } catch (error) { console.log(error.code); }`;
    // Files that this process writes may have no length.
    const limited = `trap '' XFSZ; ulimit -f 0; exec "$0" --input-type=module -e "$1"`;
    const { stdout, stderr } = spawnSync('sh', ['-c', limited, process.execPath, program], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['EFBIG\n', '']);
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(before);
    expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  test('a link stays one, and so does one whose file is not there yet', () => {
    const [file, path] = [join(folder, 'env-of-mine'), join(folder, '.env-link')];
    symlinkSync(file, path);
    addToEnvFile({ PORT: '1' }, path);
    addToEnvFile({ HOST: 'h' }, path);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('PORT=1\nHOST=h\n');
  });
});
