/** Section 12: what stands in the files that make the image and the builds. The image itself is started in CI. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { licenceOf, shipped } from './dependencies.ts';
import { describe, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { environmentOf, spawnRelay } from '../support/relay.ts';
import { question } from './support.ts';
import { RELAY_KEY } from '../support/relay.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}
interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const locked = Object.entries(
  (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages,
).filter(([path]) => path !== '');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('S24: the image', () => {
  const dockerfile = read('Dockerfile');
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const compose = read('docker-compose.yml');

  test('S24: its last stage has no shell, no package manager and no root', () => {
    expect(dockerfile).toMatch(/ARG RUNTIME_IMAGE=gcr\.io\/distroless\//);
    expect(final).toContain('FROM ${RUNTIME_IMAGE}');
    expect(final).toMatch(/^USER 1000:1000$/m);
    expect(final).not.toMatch(/^RUN |npm|apt|apk|curl|wget/m);
  });

  test('S24, R31: its health check is a file of ours, asks /livez and needs no shell', () => {
    const [, command = '[]'] = /HEALTHCHECK[^\n]*\\\n\s+CMD (\[.*\])/.exec(final) ?? [];
    const [program, ...words] = JSON.parse(command) as string[];
    expect([program, ...words]).toEqual(['/usr/local/bin/node', '/app/gemini-cli-relay.cjs', 'alive']);
    expect(read('scripts/gemini-cli-relay.ts')).toContain("alive: () => import('./liveness.ts')");
    expect(read('scripts/liveness.ts')).toContain("'/livez'");
    expect(compose).toContain(words.map((word) => `'${word}'`).join(', '));
  });

  test('R26: node itself is the process that gets the signals', () => {
    expect(final).toMatch(/^ENTRYPOINT \["\/usr\/local\/bin\/node", "\/app\/gemini-cli-relay\.cjs"\]$/m);
    expect(final).toMatch(/^CMD \["serve"\]$/m);
    expect(final).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });

  test.each([
    /^ {4}read_only: true$/m,
    /^ {4}cap_drop: \[ALL\]$/m,
    /no-new-privileges:true/,
    /^ {4}init: true$/m,
    /^ {4}pids_limit: \d+$/m,
    /^ {4}mem_limit: \S+$/m,
    /^ {4}stop_grace_period: 35s$/m,
    /\/tmp:size=\d+m/,
  ])('S24: compose says %s', (line) => {
    expect(compose).toMatch(line);
  });

  test('S3: compose publishes to this machine alone', () => {
    expect(compose).toContain("'${PUBLISH_ADDRESS:-127.0.0.1}:${PORT:-8888}:${PORT:-8888}'");
    expect(dockerfile.match(/HOST=\S+/g)).toEqual(['HOST=0.0.0.0']);
  });

  test('R1, R4: compose mounts a directory, not a single file', () => {
    const mounts = [...compose.matchAll(/^ {6}- ([\w./-]+):(\/\S+)$/gm)].map(([, , target]) => target);
    expect(mounts).toEqual(['/data']);
  });
});

describe('S25: no secret in a layer', () => {
  test('S25: .dockerignore denies everything, and lets in sources by name', () => {
    const rules = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(rules[0]).toBe('*');
    expect(
      rules
        .slice(1)
        .every(
          (rule) => !rule.startsWith('!') || /^!(?:src|scripts|LICENSE|\.npmrc|package(?:-lock)?\.json)$/.test(rule),
        ),
    ).toBe(true);
  });

  test('S25: no secret as build argument or ENV, and only named sources are copied', () => {
    const dockerfile = read('Dockerfile');
    expect(dockerfile).not.toMatch(/^(?:ARG|ENV).*(?:KEY|TOKEN|SECRET|PASSWORD)/m);
    expect(dockerfile).not.toMatch(/^(?:COPY|ADD) \.\s/m);
  });

  test('S25: CI plants canaries and looks for them in the layers', () => {
    expect(read('.github/workflows/ci.yml')).toMatch(/canary-key[\s\S]*docker save[\s\S]*exit 1/);
  });
});

test('S26: with everything in the environment it serves without a disk to write on, on the PORT it is given', async () => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'space-'));
  const relay = spawnRelay(
    {
      ...environmentOf(simulator, folder, { door: 'none' }),
      GEMINI_CREDENTIALS: JSON.stringify(simulator.credentials),
      GOOGLE_APPLICATION_CREDENTIALS: '/proc/nowhere/oauth_creds.json',
      HOST: '0.0.0.0',
      HOME: '/proc/nowhere',
    },
    folder,
  );
  try {
    const url = await relay.listening;
    const ask = async () => {
      const [path, body] = question('openai', 'Hello');
      const response = await fetch(`${url.replace('0.0.0.0', '127.0.0.1')}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${RELAY_KEY}` },
        body: JSON.stringify(body),
      });
      return response.status;
    };
    expect(await ask()).toBe(200);
    simulator.expireTokens();
    expect(await ask()).toBe(200);
    expect(relay.output().stdout).not.toContain('"level":"error"');
    expect(existsSync(join(folder, 'oauth_creds.json'))).toBe(false);
  } finally {
    relay.kill('SIGKILL');
    await relay.ended;
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('S27: dependencies', () => {
  test('S27: exact in package.json, locked with a checksum', () => {
    for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  test('S27: few: those that the security page gives a reason for, and not many more behind them', () => {
    expect(Object.keys(manifest.dependencies)).toEqual([
      ...['@koa/router', '@opentelemetry/api', '@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/resources'],
      ...[
        '@opentelemetry/sdk-trace',
        '@redis/client',
        'busboy',
        'gcp-metadata',
        'google-auth-library',
        'htm',
        'koa',
        'open',
        'pg',
        'preact',
      ],
      ...['prom-client', 'undici', 'uplot', 'winston', 'ws', 'zod'],
    ]);
    expect(locked.filter(([, { dev }]) => dev !== true).length).toBeLessThan(145);
  });

  test('S27: install scripts are decided on by name', () => {
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
    expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
    expect(Object.entries(manifest.allowScripts).filter(([, allowed]) => allowed)).toEqual([['node', true]]);
  });

  test('S27: Koa is at least 3.1.2, and there is no node-fetch 2', () => {
    const versionOf = (name: string) => locked.find(([path]) => path === `node_modules/${name}`)?.[1].version ?? '';
    expect(versionOf('koa').localeCompare('3.1.2', undefined, { numeric: true })).toBeGreaterThanOrEqual(0);
    const old = locked.filter(([path, { version }]) => nameOf(path) === 'node-fetch' && version.startsWith('2.'));
    expect(old).toEqual([]);
  });

  test('S27: what is shipped has a licence that lets everybody use it', () => {
    const free = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0']);
    expect(shipped().filter((path) => !free.has(licenceOf(path)))).toEqual([]);
  });

  test('S27: CI audits what is shipped and checks signatures, on each supported Node', () => {
    const workflow = read('.github/workflows/ci.yml');
    expect(workflow).toContain('npm audit --omit=dev --audit-level=high');
    expect(workflow).toContain('npm audit signatures');
    expect(workflow).toMatch(/node: \[24, 26\]/);
  });
});

describe('S28: the workflow', () => {
  const workflow = read('.github/workflows/ci.yml');

  test('S28: every action is pinned by commit', () => {
    const uses = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(5);
    for (const action of uses) expect(action).toMatch(/@[0-9a-f]{40}$/);
  });

  test('S28: it may read by default, and publishes only for a version', () => {
    expect(workflow).toMatch(/^permissions:\n {2}contents: read$/m);
    expect(workflow).not.toContain('pull_request_target');
    const pushing = workflow.split(/\n {6}- /).filter((step) => /push: true|login-action/.test(step));
    expect(pushing).toHaveLength(2);
    for (const step of pushing) expect(step).toContain("startsWith(github.ref, 'refs/tags/v')");
    const [, publishing = ''] = /\n {2}package:\n([^]*)$/.exec(workflow) ?? [];
    expect(publishing).toMatch(/^ {4}needs: \[run\]\n {4}if: startsWith\(github\.ref, 'refs\/tags\/v'\)$/m);
    expect(publishing).toContain('npm publish --provenance');
    expect(workflow).toContain('sbom: true');
    expect(workflow).toContain('provenance: mode=max');
    expect(workflow).toContain('${{ github.ref_name }}');
  });

  test('an image for another processor is built where what it is made of can run', () => {
    const [emulated, pushed] = ['docker/setup-qemu-action@', 'platforms: linux/amd64,linux/arm64'].map((step) =>
      workflow.indexOf(step),
    );
    expect(emulated).toBeGreaterThan(0);
    expect(pushed).toBeGreaterThan(emulated ?? Infinity);
  });

  test('what is published is called as its repository is: the image without capitals, the package with its address', () => {
    expect(workflow).toContain('image=ghcr.io/${GITHUB_REPOSITORY,,}');
    expect(workflow).not.toContain('ghcr.io/${{');
    const [named, packed] = [
      'npm pkg set "repository.url=git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git"',
      'npm pack',
    ].map((step) => workflow.indexOf(`- run: ${step}\n`));
    expect(named).toBeGreaterThan(0);
    expect(packed).toBeGreaterThan(named ?? Infinity);
  });

  test('package, documents and files for hosts name the same repository', () => {
    const { repository } = JSON.parse(read('package.json')) as { repository: { type: string; url: string } };
    const name = /^git\+https:\/\/github\.com\/(\S+)\.git$/.exec(repository.url)?.[1] ?? '';
    expect(name).toMatch(/^\w+\/gemini-cli-relay$/);
    const hosts = ['fly/fly.toml', 'render/render.yaml', 'huggingface/Dockerfile', 'kubernetes/kustomization.yaml'];
    for (const page of ['README.md', 'README.zh-CN.md', ...hosts.map((host) => `deploy/${host}`)]) {
      expect([page, ...(read(page).match(/(?<=ghcr\.io\/)[\w/-]+/g) ?? [])]).toEqual([page, name]);
    }
  });
});

describe('S28: no secret in the sources or their history', () => {
  const SHAPES =
    /GOCSPX-[\w-]{24,}|\bya29\.[\w-]{30,}|\b1\/\/0[\w-]{30,}|\bAIza[\w-]{35}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----\\?n?[\w+/=]{60,}/g;
  /** Made up for tests: they say so themselves. */
  const MADE_UP = /canary|test|simulat|example|secret|fake|abcdef|0123456|(.)\1{5}/i;
  /** By SHA-256, each with its reason. */
  const KNOWN: Readonly<Record<string, string>> = {
    '6a5f78b8b99dd4025e41ba11bf54c304c6af29f924c5569cc7865b2428ce03a9':
      "Gemini CLI's published client for installed apps: no secret, and overridable by environment",
  };
  const found = (text: string): string[] =>
    [...text.matchAll(SHAPES)]
      .map(([shape]) => shape)
      .filter((shape) => !MADE_UP.test(shape) && !(createHash('sha256').update(shape).digest('hex') in KNOWN));

  const git = (...options: string[]): string | undefined => {
    try {
      return execFileSync('git', ['-C', ROOT, ...options], {
        maxBuffer: 1 << 30,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      // An archive of the sources has no history.
      return undefined;
    }
  };

  test('S28: the full history', () => {
    const history = git('log', '-p', '--no-color', '--unified=0', '--', '.', ':!package-lock.json') ?? '';
    expect(found(history).map((shape) => `${shape.slice(0, 8)}…`)).toEqual([]);
  });

  test('S28: the public client stands in one file, and in the simulator’s own', () => {
    const tracked = (git('ls-files', 'src', 'scripts') ?? '').split('\n').filter((name) => name.endsWith('.ts'));
    const holders = tracked.filter((name) => existsSync(join(ROOT, name)) && /GOCSPX-[\w-]{24,}/.test(read(name)));
    if (tracked.length > 1) expect(holders.sort()).toEqual(['src/credentials/google-client.ts']);
  });
});
