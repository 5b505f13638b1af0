/** The package as npm packs it, installed in an empty folder and run by each Node that it is for. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
const NODES = [24, 26] as const;
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const MOST_BYTES = 2_000_000;

const folder = mkdtempSync(join(tmpdir(), 'relay-package-'));
const [source, installed] = [join(folder, 'source'), join(folder, 'installed')];
let packed: { readonly size: number; readonly files: readonly { readonly path: string }[] } = { size: 0, files: [] };

const npm = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

beforeAll(() => {
  // A copy: packing changes the package.json that other tests read.
  mkdirSync(source);
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  for (const path of listed.split('\n').filter((line) => /^(?:src|scripts)\/|^[^/]+$/.test(line))) {
    cpSync(join(ROOT, path), join(source, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  [packed = packed] = JSON.parse(npm(source, 'pack', '--json', '--silent')) as (typeof packed)[];

  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{}');
  npm(installed, 'install', '--offline', join(source, `gemini-cli-relay-${version}.tgz`));
  for (const node of NODES)
    npm(installed, 'install', '--no-save', '--prefix', join(folder, `node${node}`), `node@${node}`);
}, 180_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('holds the program in one file, and what belongs to it', () => {
  expect(packed.files.map(({ path }) => path).sort()).toEqual([
    ...['LICENSE', 'README.md', 'README.zh-CN.md', 'dist/LICENSES.txt', 'dist/gemini-cli-relay.cjs', 'dist/relay.cjs'],
    ...['dist/relay.cjs.map', 'package.json'],
  ]);
  expect(packed.size).toBeLessThan(MOST_BYTES);
  expect(readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'gemini-cli-relay',
  ]);
});

test('the package.json of the checkout is as it was', () => {
  expect(readFileSync(join(source, 'package.json'), 'utf8')).toBe(readFileSync(join(ROOT, 'package.json'), 'utf8'));
});

describe.each(NODES)('on Node %i', (node) => {
  const home = join(folder, `home${node}`);
  const program = join(installed, 'node_modules/.bin/gemini-cli-relay');
  const compiled = join(installed, 'node_modules/gemini-cli-relay/dist/.compiled');
  const env = { PATH: `${join(folder, `node${node}/node_modules/.bin`)}:${process.env['PATH'] ?? ''}`, HOME: home };

  beforeAll(() => {
    mkdirSync(home);
  });

  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: home, env, encoding: 'utf8', timeout: 25_000 });
    return { status, stdout, stderr };
  };

  /** A relay without a door; in the home of nobody with nobody's rights. */
  const serving = async (cwd = home, more: NodeJS.ProcessEnv = {}, ...options: readonly string[]) => {
    const asWhom = cwd === home || !isRoot ? [] : AS_NOBODY;
    const relay = spawn('env', [...asWhom, program, 'serve', '--port', '0', ...options], {
      cwd,
      env: { ...env, HOME: cwd, GEMINI_AUTH_PASSWORD: 'packed-key-0123456789', LOG_FORMAT: 'json', ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => relay.once('exit', resolve));
    let said = '';
    let complained = '';
    relay.stderr.on('data', (text) => (complained += String(text)));
    const url = await new Promise<string>((resolve, reject) => {
      createInterface(relay.stdout).on('line', (line) => {
        said += `${line}\n`;
        const found = /"message":"listening".*"url":"([^"]+)"/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      relay.once('exit', () => {
        reject(new Error('the relay has ended'));
      });
    });
    const end = async (): Promise<void> => {
      relay.kill('SIGTERM');
      expect(await ended).toBe(0);
      // Such as of a setting that this Node does not know.
      expect(complained).toBe('');
    };
    return { url, end, said: () => said };
  };

  test('is the Node that was meant', () => {
    expect(execFileSync('node', ['--version'], { env, encoding: 'utf8' })).toMatch(new RegExp(`^v${node}\\.`));
  });

  test('tells its version and its commands', () => {
    expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    const help = run('--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    for (const name of ['serve', 'demo', 'login', 'health', 'keys', 'usage', 'completion']) {
      expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  test('names a command and an option that it does not know', () => {
    const command = run('sevre');
    expect([command.status, command.stdout]).toEqual([2, '']);
    expect(command.stderr).toMatch(/^Not understood: there is no command sevre; the nearest is serve\.\n/);
    const option = run('keys', '--colour');
    expect([option.status, option.stderr.split('\n', 1)[0]]).toEqual([
      2,
      'Not understood: there is no option --colour.',
    ]);
  });

  test('makes a key, and finds it again', () => {
    const added = run('keys', 'add', 'friend', '--rpm', '10', '--json');
    expect([added.status, added.stderr]).toEqual([0, '']);
    expect(added.stdout).toMatch(/gcr_[A-Za-z0-9]{40}/);
    const listed = JSON.parse(run('keys', 'list', '--json').stdout) as { readonly keys: { readonly name: string }[] };
    expect(listed.keys.map(({ name }) => name)).toEqual(['friend']);
  });

  test('keeps what it has compiled, and compiles again what is kept only in part', async () => {
    rmSync(compiled, { recursive: true, force: true });
    run('--version');
    const [ofCommand = ''] = readdirSync(compiled);
    const file = join(compiled, ofCommand);
    const { size } = statSync(file);
    truncateSync(file, size / 2);
    expect(run('--version').stdout).toBe(`${version}\n`);
    expect(statSync(file).size).toBeGreaterThan(0.9 * size);

    const relay = await serving();
    await expect.poll(() => readdirSync(compiled), { timeout: 10_000 }).toHaveLength(2);
    await relay.end();
    const [served = ''] = readdirSync(compiled).filter((name) => name !== ofCommand);
    // With all that a start calls: what Node itself would keep is what the first command has.
    expect(statSync(join(compiled, served)).size).toBeGreaterThan(1.5 * size);
    const { mtimeMs } = statSync(join(compiled, served));
    await (await serving()).end();
    expect(run('--version').status).toBe(0);
    expect(statSync(join(compiled, served)).mtimeMs).toBe(mtimeMs);
    expect(readdirSync(compiled)).toHaveLength(2);
  });

  test('names the places of the sources where that is asked for', () => {
    const plant = join(home, 'plant.cjs');
    writeFileSync(plant, 'console.log = () => process.stdout.write(new Error("seen").stack);');
    const { stdout } = spawnSync(program, ['--version'], {
      env: { ...env, NODE_OPTIONS: `--enable-source-maps --require ${plant}` },
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/scripts\/gemini-cli-relay\.ts:\d+:\d+/);
  });

  test('runs for somebody who may write at home alone', async () => {
    rmSync(compiled, { recursive: true, force: true });
    const own = join(folder, `nobody${node}`);
    mkdirSync(own);
    if (isRoot) chownSync(own, NOBODY, NOBODY);
    execFileSync('chmod', ['a+x', folder]);
    execFileSync('chmod', ['-R', 'a+rX,a-w', join(installed, 'node_modules')]);
    try {
      const relay = await serving(own);
      expect((await fetch(`${relay.url}/livez`)).status).toBe(200);
      await relay.end();
      expect(existsSync(compiled)).toBe(false);
    } finally {
      execFileSync('chmod', ['-R', 'u+w', join(installed, 'node_modules')]);
    }
  });

  test('reads forms', async () => {
    const relay = await serving();
    const body = new FormData();
    body.set('model', 'gemini-2.5-flash');
    body.set('file', 'no file');
    const answer = await fetch(`${relay.url}/v1/audio/transcriptions`, {
      ...{ method: 'POST', body },
      headers: { authorization: 'Bearer packed-key-0123456789' },
    });
    expect(await answer.json()).toMatchObject({ error: { param: 'file' } });
    await relay.end();
  });

  test('--open shows the console once; where there is none, or no browser, it says so and serves', async () => {
    const bin = join(folder, `bin${node}`);
    const calls = join(bin, 'calls');
    mkdirSync(bin);
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$@" >> ${calls}\n`, { mode: 0o755 });
    const withFake = { PATH: `${bin}:${env.PATH}` };
    const relay = await serving(home, withFake, '--open');
    await expect.poll(() => existsSync(calls)).toBe(true);
    await relay.end();
    expect(readFileSync(calls, 'utf8')).toBe(`${relay.url}/console\n`);

    const consoleless = await serving(home, { ...withFake, CONSOLE: 'off' }, '--open');
    await expect.poll(consoleless.said).toContain('--open shows nothing: there is no console (CONSOLE=off)');
    await consoleless.end();
    expect(readFileSync(calls, 'utf8')).toBe(`${relay.url}/console\n`);

    writeFileSync(join(bin, 'xdg-open'), '#!/bin/sh\nexit 3\n');
    const alone = await serving(home, withFake, '--open');
    await expect.poll(alone.said).toContain('no browser could be started');
    expect(alone.said()).toContain(`${alone.url}/console`);
    await alone.end();
  });

  test('says what is missing, in the words of the package', () => {
    const health = run('health');
    expect(health.status).toBe(1);
    expect(health.stdout).toContain('gemini-cli-relay login');
    expect(health.stdout).not.toContain('npm run');
  });

  test('serves the demo, and ends in order', async () => {
    const demo = spawn(program, ['demo'], {
      cwd: home,
      env: { ...env, PORT: '0', GEMINI_AUTH_PASSWORD: 'packed-key-0123456789' },
    });
    try {
      const url = await new Promise<string>((resolve, reject) => {
        createInterface(demo.stdout).on('line', (line) => {
          const found = /Address +(\S+)/.exec(line)?.[1];
          if (found !== undefined) resolve(found);
        });
        demo.once('exit', () => {
          reject(new Error('the demo has ended'));
        });
      });
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer packed-key-0123456789', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello!' }] }),
      });
      expect([answer.status, await answer.json()]).toMatchObject([200, { choices: [{ finish_reason: 'stop' }] }]);
      expect((await fetch(`${url}/console/`)).status).toBe(200);
    } finally {
      demo.kill('SIGTERM');
    }
    const code = await new Promise((resolve) => demo.once('exit', resolve));
    expect(code).toBe(0);
  });
});
