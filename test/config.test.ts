import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.ts';
import type { Config, Environment } from '../src/config.ts';
import { configurationTables, envExample } from '../src/config/describe.ts';
import { VARIABLES } from '../src/config/variables.ts';
import type { Variable } from '../src/config/variables.ts';

const problemsOf = (env: Environment): readonly string[] => {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

const GOOD_KEY = 'kM3-ZpQ8rT5vW1xY7aB2cD4eF6gH9jL0';

const sqlitePath = ({ database }: Config): unknown => (database.kind === 'sqlite' ? database.path : database.kind);

describe('parseConfig', () => {
  test('has the defaults of the contract', () => {
    const config = parseConfig({});
    expect(config.listen).toEqual({ host: '127.0.0.1', port: 8888, isPublic: false });
    expect(config.keys).toEqual([]);
    expect(config.cors).toBe('*');
    expect(config.log).toEqual({ level: 'info', format: undefined });
    expect(config.credentials.file).toBe('oauth_creds.json');
    expect(config.upstream).toMatchObject({
      kind: 'auto',
      codeAssistEndpoint: 'https://cloudcode-pa.googleapis.com',
      geminiApiEndpoint: 'https://generativelanguage.googleapis.com',
      location: 'global',
      maxRetries: 2,
    });
    expect(config.network).toMatchObject({
      connectTimeoutMs: 10_000,
      firstByteTimeoutMs: 300_000,
      idleTimeoutMs: 120_000,
    });
    expect(config.limits).toEqual({
      maxBodyBytes: 67_108_864,
      maxConcurrentRequests: 512,
      maxQueuedRequests: 1024,
      queueTimeoutMs: 10_000,
      requestTimeoutMs: 1_800_000,
      heartbeatMs: 15_000,
      keepResponsesMs: 86_400_000,
      shutdownDelayMs: 0,
      shutdownGraceMs: 25_000,
    });
    expect(config.fetchRemoteImages).toBe(true);
    expect(config.trustProxyHops).toBe(0);
  });

  test('is frozen through and through', () => {
    const config = parseConfig({ API_KEY: GOOD_KEY });
    expect(Object.isFrozen(config) && Object.isFrozen(config.limits) && Object.isFrozen(config.keys[0])).toBe(true);
  });

  test('an empty variable is an unset one', () => {
    const env = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, ' ']));
    expect(parseConfig(env)).toEqual(parseConfig({}));
  });

  test.each<[string, Environment, (config: Config) => unknown, unknown]>([
    ['numbers are trimmed', { PORT: ' 9000 ' }, (config) => config.listen.port, 9000],
    ['port 0 takes a free one', { PORT: '0' }, (config) => config.listen.port, 0],
    ['quotes that a loader left are no part', { PORT: '"9000"' }, (config) => config.listen.port, 9000],
    ['0 stays 0', { MAX_RETRIES: '0' }, (config) => config.upstream.maxRetries, 0],
    ['the alias of the project', { GEMINI_PROJECT_ID: 'p' }, (config) => config.credentials.project, 'p'],
    ['words in any case', { UPSTREAM: 'Vertex' }, (config) => config.upstream.kind, 'vertex'],
    ['no is false', { FETCH_REMOTE_IMAGES: '0' }, (config) => config.fetchRemoteImages, false],
    ['a list', { MODELS: 'a, b/c ,,d' }, (config) => config.moreModels, ['a', 'b/c', 'd']],
    [
      'aliases',
      { MODEL_ALIASES: 'gpt-* = a, claude-[1m]=models/b,' },
      (config) => config.modelAliases,
      [
        { asked: 'gpt-*', served: 'a' },
        { asked: 'claude-[1m]', served: 'models/b' },
      ],
    ],
    ['no aliases', { MODEL_ALIASES: 'off' }, (config) => config.modelAliases, []],
    ['no CORS', { CORS_ORIGIN: 'none' }, (config) => config.cors, 'none'],
    ['origins', { CORS_ORIGIN: 'https://a.b,http://c:1' }, (config) => config.cors, ['https://a.b', 'http://c:1']],
    [
      'http for this machine',
      { CODE_ASSIST_ENDPOINT: 'http://127.0.0.1:1/' },
      (config) => config.upstream.codeAssistEndpoint,
      'http://127.0.0.1:1',
    ],
    [
      'a path before the API',
      { GEMINI_API_ENDPOINT: 'https://a.b/c/' },
      (config) => config.upstream.geminiApiEndpoint,
      'https://a.b/c',
    ],
    ['a SOCKS proxy', { HTTPS_PROXY: 'socks5://a:1' }, (config) => config.network.httpsProxy, 'socks5://a:1'],
    ['one that looks names up', { HTTP_PROXY: 'SOCKS5H://a:1' }, (config) => config.network.httpProxy, 'socks5://a:1'],
    ['a proxy in small letters', { https_proxy: 'proxy:1' }, (config) => config.network.httpsProxy, 'http://proxy:1'],
    ['a database by default', {}, (config) => config.database, { kind: 'sqlite', path: 'relay.db' }],
    [
      'which lies beside the credentials',
      { GOOGLE_APPLICATION_CREDENTIALS: '/data/a.json' },
      (config) => config.database,
      { kind: 'sqlite', path: '/data/relay.db' },
    ],
    ['one of another path', { DATABASE_URL: 'sqlite:./x.db' }, sqlitePath, './x.db'],
    ['a whole path', { DATABASE_URL: 'SQLite:/var/x.db' }, sqlitePath, '/var/x.db'],
    ['a whole path as others write it', { DATABASE_URL: 'sqlite:///var/x.db' }, sqlitePath, '/var/x.db'],
    ['no database', { DATABASE_URL: 'None' }, (config) => config.database, { kind: 'none' }],
    [
      'a server',
      { DATABASE_URL: 'postgresql://a:b@c/d' },
      (config) => config.database,
      { kind: 'postgres', url: 'postgresql://a:b@c/d' },
    ],
    ['only sums', { REQUEST_LOG_DAYS: '0' }, (config) => config.requestLogDays, 0],
    ['IPv6 loopback needs no key', { HOST: '::1' }, (config) => config.listen.isPublic, false],
  ])('%s', (_name, env, read, value) => {
    expect(read(parseConfig(env))).toEqual(value);
  });

  test('the three keys, in the order of the contract', () => {
    const env = { HF_TOKEN: 'hf_0123456789abcdef', API_KEY: GOOD_KEY, GEMINI_AUTH_PASSWORD: `${GOOD_KEY}1` };
    expect(parseConfig(env).keys.map(({ name }) => name)).toEqual(['GEMINI_AUTH_PASSWORD', 'API_KEY', 'HF_TOKEN']);
    expect(parseConfig(env).secrets).toEqual(expect.arrayContaining(Object.values(env)));
  });

  test.each<[Environment, RegExp]>([
    [{ PORT: 'eighty' }, /^PORT must be a whole number.*PORT=8888$/],
    [{ PORT: '-1' }, /^PORT /],
    [{ PORT: '70000' }, /^PORT /],
    [{ MAX_RETRIES: '1.5' }, /^MAX_RETRIES /],
    [{ REQUEST_TIMEOUT_MS: '0' }, /^REQUEST_TIMEOUT_MS /],
    [{ UPSTREAM: 'openai' }, /^UPSTREAM must be one of auto, code-assist, gemini-api, vertex/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL /],
    [{ LOG_FORMAT: 'xml' }, /^LOG_FORMAT /],
    [{ CODE_ASSIST_ENDPOINT: 'http://example.org' }, /^CODE_ASSIST_ENDPOINT must begin with https:/],
    [{ VERTEX_ENDPOINT: 'example.org' }, /^VERTEX_ENDPOINT /],
    [{ GOOGLE_OAUTH_TOKEN_URL: 'https://a:b@c.d' }, /^GOOGLE_OAUTH_TOKEN_URL /],
    [{ HTTPS_PROXY: 'ftp://a' }, /^HTTPS_PROXY /],
    [{ HTTPS_PROXY: 'socks4://a' }, /^HTTPS_PROXY /],
    [{ CORS_ORIGIN: '*,https://a.b' }, /^CORS_ORIGIN /],
    [{ CORS_ORIGIN: 'https://a.b/path' }, /^CORS_ORIGIN /],
    [{ FETCH_REMOTE_IMAGES: 'perhaps' }, /^FETCH_REMOTE_IMAGES /],
    [{ DATABASE_URL: 'mysql://a/b' }, /^DATABASE_URL must be sqlite:PATH, postgres:\/\/… or none.*sqlite:\/data/],
    [{ DATABASE_URL: 'sqlite:' }, /^DATABASE_URL must name a file/],
    [{ DATABASE_URL: 'sqlite::memory:' }, /^DATABASE_URL must name a file/],
    [{ DATABASE_URL: 'sqlite:data/' }, /^DATABASE_URL must name a file/],
    [{ DATABASE_URL: 'postgres://' }, /^DATABASE_URL must be a whole address/],
    [{ REQUEST_LOG_DAYS: 'forever' }, /^REQUEST_LOG_DAYS must be a whole number from 0 to 400/],
    [{ TRUST_PROXY_HOPS: '99' }, /^TRUST_PROXY_HOPS /],
    [{ GEMINI_AUTH_PASSWORD: 'schlüssel-mit-umlaut' }, /^GEMINI_AUTH_PASSWORD /],
    [{ IDLE_TIMEOUT_MS: '10', REQUEST_TIMEOUT_MS: '5' }, /^IDLE_TIMEOUT_MS is longer than REQUEST_TIMEOUT_MS/],
    [{ GOOGLE_CLOUD_PROJECT: 'a', GEMINI_PROJECT_ID: 'b' }, /^GEMINI_PROJECT_ID /],
    [{ GOOGLE_OAUTH_CLIENT_ID: 'a' }, /^GOOGLE_OAUTH_CLIENT_SECRET is missing/],
  ])('%o is refused', (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });

  test('of an address only the password is secret, as it is written and as it is meant', () => {
    expect(parseConfig({ DATABASE_URL: 'postgres://relay:p%40ss@db.example/relay' }).secrets).toEqual([
      'p%40ss',
      'p@ss',
    ]);
    expect(parseConfig({ DATABASE_URL: 'postgres://db/relay?user=a&password=hidden' }).secrets).toContain('hidden');
    expect(parseConfig({ HTTPS_PROXY: 'user:secret@proxy:1' }).secrets).toContain('secret');
    expect(parseConfig({ DATABASE_URL: 'none', HTTP_PROXY: 'http://proxy:3128' }).secrets).toEqual([]);
  });

  test('all problems come at once, each on one line, none with a value', () => {
    const env = {
      GEMINI_AUTH_PASSWORD: 'canary-ä-one',
      PORT: 'canary-two',
      HTTPS_PROXY: 'canary-three://x',
      UPSTREAM: 'canary-four',
      GOOGLE_OAUTH_CLIENT_SECRET: 'canary-five',
      DATABASE_URL: 'canary-six://a:canary-seven@b',
    };
    const problems = problemsOf(env);
    expect(problems).toHaveLength(6);
    expect(problems.join('\n')).not.toMatch(/canary|\n.*\n.*\n.*\n.*\n.*\n/);
  });
});

describe('S2: keys on an address that others can reach', () => {
  test('none at all is refused, with the command that makes one', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([
      expect.stringMatching(/^GEMINI_AUTH_PASSWORD is not set.*randomBytes/),
    ]);
    expect(problemsOf({ HOST: '0.0.0.0', ALLOW_WEAK_KEY: '1' })).toHaveLength(1);
  });

  test.each([
    '123456',
    'pwd',
    'sk-123456',
    'changeme',
    'your_password_here',
    'your-key',
    'CHANGE_ME',
    '<your key>',
    'sk-xxxxxxxxxxxx',
    'short',
  ])('%s is refused', (key) => {
    const [problem = '', ...rest] = problemsOf({ HOST: '0.0.0.0', GEMINI_AUTH_PASSWORD: key });
    expect(rest).toEqual([]);
    expect(problem).toMatch(/^GEMINI_AUTH_PASSWORD (is|has)/);
    expect(problemsOf({ HOST: '192.168.1.5', API_KEY: key })).toEqual([expect.stringMatching(/^API_KEY /)]);
  });

  test('a weak ADMIN_KEY is refused in the same way', () => {
    const env = { HOST: '0.0.0.0', GEMINI_AUTH_PASSWORD: GOOD_KEY, ADMIN_KEY: 'changeme' };
    expect(problemsOf(env)).toEqual([expect.stringMatching(/^ADMIN_KEY is a published default.*randomBytes/)]);
    expect(parseConfig({ ...env, ADMIN_KEY: `${GOOD_KEY}-admin` }).console.isOn).toBe(true);
  });

  test('ALLOW_WEAK_KEY=1 and loopback let it pass, with a warning', () => {
    for (const env of [{ HOST: '0.0.0.0', ALLOW_WEAK_KEY: '1' }, { HOST: '127.0.0.1' }]) {
      expect(parseConfig({ ...env, GEMINI_AUTH_PASSWORD: '123456' }).warnings).toHaveLength(1);
    }
  });

  test('a good key is taken without a word, a middling one with a warning', () => {
    expect(parseConfig({ HOST: '0.0.0.0', GEMINI_AUTH_PASSWORD: GOOD_KEY }).warnings).toEqual([]);
    expect(parseConfig({ HOST: '0.0.0.0', GEMINI_AUTH_PASSWORD: 'w8Kq-2mZ' }).warnings).toHaveLength(1);
  });
});

describe('what is said of the variables', () => {
  test('.env.example is what the table says', () => {
    expect(readFileSync(new URL('../.env.example', import.meta.url), 'utf8')).toBe(envExample());
  });

  test('every example is one that works', () => {
    const variables: [string, Variable][] = Object.entries(VARIABLES);
    for (const [name, { example, schema, secret }] of variables) {
      if (!secret) expect([name, schema.safeParse(example).success]).toEqual([name, true]);
    }
  });

  test('the tables name every variable once', () => {
    const tables = configurationTables();
    for (const name of Object.keys(VARIABLES)) expect(tables.split(`| \`${name}\` |`)).toHaveLength(2);
  });
});
