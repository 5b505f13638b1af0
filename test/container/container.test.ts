import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/terminal/commands.ts';
import { isSent, listOf, readCompose, readDockerfile } from './files.ts';
import type { Yaml } from './files.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
/** Of the scripts, those for whoever builds and documents. */
const BUILDERS = /^(?:build|pictures)\.ts$|^bundle\//;
const [before = [], build = [], final = []] = readDockerfile();

const all = (name: string, stage = final): string[] =>
  stage.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
const only = (name: string, stage = final): string => {
  const found = all(name, stage);
  expect(found).toHaveLength(1);
  return found[0] ?? '';
};

describe('the image', () => {
  test('T1: comes from bases that can be named', () => {
    expect(all('ARG', before).map((line) => line.split('=')[0])).toEqual(['NODE_IMAGE', 'RUNTIME_IMAGE']);
    expect(only('FROM', build)).toBe('${NODE_IMAGE} AS build');
    expect(only('FROM', final)).toBe('${RUNTIME_IMAGE}');
    expect(all('ARG', before)[0]).toMatch(/^NODE_IMAGE=node:26-/);
  });

  test('S24: has a final stage that runs nothing, and an ordinary user', () => {
    expect(all('RUN')).toEqual([]);
    expect(only('USER')).toBe('1000:1000');
    expect(all('COPY').every((line) => line.startsWith('--from=build '))).toBe(true);
  });

  test('brings the library that Node needs and the runtime base has not', () => {
    expect(all('RUN', build).join('\n')).toMatch(/libatomic.*\/libraries\//);
    expect(all('COPY')).toContain('--from=build /libraries/ /usr/lib/');
  });

  test('needs no shell: all its commands are in the exec form', () => {
    const program = ['/usr/local/bin/node', '/app/gemini-cli-relay.cjs'];
    expect(listOf(only('ENTRYPOINT'))).toEqual(program);
    expect(listOf(only('CMD'))).toEqual(['serve']);
    expect(listOf(/ CMD (\[.*\])$/.exec(only('HEALTHCHECK'))?.[1] ?? '')).toEqual([...program, 'alive']);
  });

  test('holds the relay as one file, compiled, which nobody may write', () => {
    const steps = all('RUN', build).join('\n');
    const order = [
      'node scripts/build.ts',
      'cp dist/gemini-cli-relay.cjs dist/relay.cjs',
      'node scripts/warm-up.ts',
      'chmod',
    ];
    const places = order.map((step) => steps.indexOf(step));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(all('COPY')).toContain('--from=build /app /app');
  });

  test('stops in good order, and says where it keeps what must last', () => {
    expect(only('STOPSIGNAL')).toBe('SIGTERM');
    expect(only('VOLUME')).toBe('/data');
    expect(only('ENV')).toContain('GOOGLE_APPLICATION_CREDENTIALS=/data/oauth_creds.json');
    // The base knows no user 1000, so nothing else says where its home is.
    expect(only('ENV')).toContain('HOME=/data ');
    expect(only('ENV')).toContain(`${IMAGE_VARIABLE}=1`);
  });

  test('S25: holds no secret, and asks for none', () => {
    const settings = [...before, ...build, ...final]
      .filter(({ name }) => name === 'ARG' || name === 'ENV')
      .map(({ rest }) => rest)
      .join(' ');
    expect([...settings.matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => name).sort()).toEqual([
      IMAGE_VARIABLE,
      ...['GOOGLE_APPLICATION_CREDENTIALS', 'HOME', 'HOST', 'NODE_ENV', 'NODE_IMAGE', 'NPM_REGISTRY', 'PORT'],
      'RUNTIME_IMAGE',
    ]);
  });

  test('everything that is copied is sent, and everything that is sent is copied', () => {
    const copied = all('COPY', build).flatMap((line) => line.split(/\s+/).slice(0, -1));
    expect(copied.filter((path) => !isSent(path))).toEqual([]);
    const top = readdirSync(ROOT).filter((path) => isSent(path));
    expect(top.sort()).toEqual([...copied].sort());
  });

  test('its sources import nothing but each other, Node and packages of production', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const files = ['src', 'scripts'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !BUILDERS.test(path))
        .map((path) => join(ROOT, folder, path)),
    );
    const strangers = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[\w\s{},*]*?from '([^'.][^']*)'/gm)]
        .map(([, name = '']) => name)
        .filter((name) => !name.startsWith('node:'))
        .map((name) => (name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? '')))
        .filter((name) => !(name in dependencies))
        .map((name) => `${file}: ${name}`),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(strangers).toEqual([]);
  });
});
import { IMAGE_VARIABLE } from '../../src/terminal/commands-here.ts';

describe('.dockerignore', () => {
  test.each([
    ...['.env', '.env.production', 'oauth_creds.json', 'oauth_creds.json.bak', '.relay-key', '.git/config'],
    ...['node_modules/koa/package.json', 'test/config.test.ts', 'service-account.json', 'README.md'],
    ...['src/.env', 'scripts/oauth_creds.json', 'src/http/.relay-key', 'src/.relay-key.0a1b2c.tmp'],
  ])('S25: keeps %s out', (path) => {
    expect(isSent(path)).toBe(false);
  });

  test.each(['package.json', 'package-lock.json', '.npmrc', 'src/http/server.ts', 'scripts/login.ts'])(
    'lets %s in',
    (path) => {
      expect(isSent(path)).toBe(true);
    },
  );
});

describe('docker-compose.yml', () => {
  const at = (...path: string[]): Yaml | undefined =>
    path.reduce<Yaml | undefined>(
      (found, name) =>
        typeof found === 'object' && !Array.isArray(found) ? (found as Record<string, Yaml>)[name] : undefined,
      readCompose(),
    );
  const service = (...path: string[]): Yaml | undefined => at('services', 'relay', ...path);

  test('T11: gives the container a name of its own', () => {
    expect([at('name'), service('container_name')]).toEqual(['gemini-cli-relay', 'gemini-cli-relay']);
  });

  test('T2b: one PORT leads listener, mapping and health check; S3: on this machine only', () => {
    expect(service('environment', 'PORT')).toBe('${PORT:-8888}');
    expect(service('ports')).toEqual(['${PUBLISH_ADDRESS:-127.0.0.1}:${PORT:-8888}:${PORT:-8888}']);
  });

  test('T10: waits for the start, and restarts what has ended', () => {
    expect(service('healthcheck')).toEqual({
      test: ['CMD', '/usr/local/bin/node', '/app/gemini-cli-relay.cjs', 'alive'],
      interval: '30s',
      timeout: '5s',
      retries: '3',
      start_period: '10s',
    });
    expect(service('restart')).toBe('unless-stopped');
  });

  test('S24: takes from the container what it does not need', () => {
    expect(service('read_only')).toBe('true');
    expect(service('extra_hosts')).toEqual(['host.docker.internal:host-gateway']);
    expect(service('cap_drop')).toEqual(['ALL']);
    expect(service('security_opt')).toEqual(['no-new-privileges:true']);
    expect(service('init')).toBe('true');
    expect(service('tmpfs')).toEqual([expect.stringMatching(/^\/tmp:size=16m/)]);
    expect(Number(service('pids_limit'))).toBeGreaterThan(0);
    expect(service('mem_limit')).toMatch(/^\d+[mg]$/);
  });

  test('gives requests in flight longer than SHUTDOWN_GRACE_MS', () => {
    expect(service('stop_grace_period')).toBe('35s');
  });

  test('keeps the login in a volume', () => {
    expect(service('volumes')).toEqual(['relay-data:/data']);
    expect(at('volumes')).toHaveProperty('relay-data');
    expect(service('environment', 'GOOGLE_APPLICATION_CREDENTIALS')).toBe('/data/oauth_creds.json');
  });

  test('S1: has no key, and starts only with one of the owner', () => {
    expect(service('environment', 'GEMINI_AUTH_PASSWORD')).toMatch(
      /^\$\{GEMINI_AUTH_PASSWORD:\?set GEMINI_AUTH_PASSWORD in \.env[^${}]*\}$/,
    );
    expect(service('env_file')).toEqual([{ path: '.env', required: 'false' }]);
  });

  test('what .env.example shows for it is what it takes without', () => {
    const shown = readFileSync(join(ROOT, '.env.example'), 'utf8');
    const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8');
    for (const name of ['PUBLISH_ADDRESS', 'NODE_IMAGE', 'RUNTIME_IMAGE']) {
      const [, taken] = new RegExp(`\\$\\{${name}:-([^}]+)\\}`).exec(compose) ?? [];
      expect([name, new RegExp(`^#${name}=(.*)$`, 'm').exec(shown)?.[1]]).toEqual([name, taken]);
    }
  });

  // Compose up to 2.40 wants what a default requires also where the default is not needed: `${A:-${B:?…}}` without B
  // ends with an error, whatever A is.
  test.each(['docker-compose.yml', 'deploy/scale/compose.yml'])('%s requires nothing inside of a default', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    expect(text).toMatch(/\$\{\w+:\?/);
    expect(text).not.toMatch(/\$\{[^}]*\$\{\w+:?\?/);
  });
});

describe('commands for the container', () => {
  const pages = [
    ...readdirSync(join(ROOT, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
    ...['README.md', 'README.zh-CN.md', 'docker-compose.yml', 'src/credentials/store.ts'],
  ];
  const found = pages.flatMap((page) =>
    [
      ...readFileSync(join(ROOT, page), 'utf8')
        .replaceAll(/\\\n\s*/g, '')
        .matchAll(/docker compose (run|exec) [^`\n]*?\brelay ([^`\n]*)/g),
    ].map(([, how = '', rest = '']) => [page, how, rest.trim()] as const),
  );

  test('are told', () => {
    expect(found.length).toBeGreaterThan(5);
  });

  // The entrypoint is the relay: run takes a command, exec wants node itself. There is neither npm nor a shell.
  test.each(found)('%s: %s %s', (_page, how, rest) => {
    const words = rest.split(/\s+/);
    if (how === 'exec') expect(words.splice(0, 2)).toEqual(['/usr/local/bin/node', 'gemini-cli-relay.cjs']);
    expect(Object.keys(COMMANDS)).toContain(words[0]);
  });
});
