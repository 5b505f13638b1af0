import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { PUBLIC_CLIENT } from '../../src/credentials/google-client.ts';
import { oauthError, serviceDisabled } from '../../src/simulator/google-faults.ts';
import { html, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import { createSystem } from '../../src/system.ts';
import { RELAY_KEY, startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';
import { filesIn, openRig, withCommands } from './rig.ts';
import type { HealthRig, HealthRun } from './rig.ts';
import { allowed } from '../support/machine.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const open = async (options: StartOptions = {}): Promise<HealthRig> => {
  const rig = await openRig(options);
  cleanUps.push(rig.close);
  return rig;
};

/** A relay that serves, and a diagnosis with the same settings. */
const openServed = async (options: StartOptions = {}): Promise<HealthRig & { readonly relay: TestRelay }> => {
  const relay = await startRelay(options);
  cleanUps.push(() => relay.close());
  // In ready(), the relay asks Google by itself: what a test counts comes after that.
  const until = performance.now() + 5000;
  while ((await (await fetch(`${relay.url}/health`)).text()).includes('"starting"')) {
    if (performance.now() > until) throw new Error('the relay does not become ready');
  }
  const rig = await openRig({ ...options, env: { ...options.env, PORT: String(relay.port) } }, relay.simulator);
  cleanUps.push(rig.close);
  return { ...rig, relay };
};

const failing = ({ checks }: HealthRun): string[] =>
  [...checks.values()].filter(({ status }) => status === 'fail').map(({ id }) => id);

const told = (run: HealthRun, id: string): string => {
  const check = run.checks.get(id);
  return `${check?.status ?? 'absent'}: ${check?.found ?? ''} → ${check?.fix ?? ''}`;
};

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
};

/** The ids of docs/health.md, in the order in which they are told. */
const documented = (): string[] =>
  [...readFileSync(new URL('../../docs/health.md', import.meta.url), 'utf8').matchAll(/^\| `([a-z\d-]+)` +\|/gm)].map(
    ([, id = '']) => id,
  );

describe('a relay that serves', () => {
  test.each(['code-assist', 'gemini-api', 'vertex'] as const)(
    '%s: all is well, one generation included',
    async (door) => {
      const rig = await openServed({ door });
      const run = await rig.run({ args: ['--json', '--generate'] });
      expect(failing(run)).toEqual([]);
      expect(run.exit).toBe(0);
      expect(told(run, 'service')).toContain('pass: the relay answers on 127.0.0.1');
      expect(told(run, 'health')).toContain(`pass: healthy, ${door}`);
      expect(told(run, 'upstream')).toContain(`pass: ${door}: `);
      expect(told(run, 'generate')).toContain('pass: gemini-2.5-flash answered through the relay');
    },
  );

  test('of all that it asks, only the generation is kept as use', async () => {
    const rig = await openServed({ env: { DATABASE_URL: undefined } });
    await rig.run();
    const kept = async (): Promise<unknown> => {
      await rig.relay.relay.parts.ledger.flush();
      const answer = await rig.relay.fetch('/console/api/usage?group=model');
      return ((await answer.json()) as { totals: object }).totals;
    };
    expect(await kept()).toMatchObject({ requests: 0, errors: 0 });
    await rig.run({ args: ['--json', '--generate'] });
    expect(await kept()).toMatchObject({ requests: 1, errors: 0 });
  });

  test('the JSON has exactly the documented shape, ids and order', async () => {
    const rig = await openServed();
    const { out } = await rig.run();
    const report = JSON.parse(out) as { ok: boolean; checks: Record<string, unknown>[] };
    expect(Object.keys(report)).toEqual(['ok', 'checks']);
    expect(report.ok).toBe(true);
    for (const check of report.checks) {
      expect(Object.keys(check)).toEqual(['id', 'status', 'found', 'fix']);
      expect(['pass', 'fail', 'skip']).toContain(check['status']);
      expect(typeof check['found']).toBe('string');
      expect(typeof check['fix']).toBe('string');
    }
    expect(report.checks.map(({ id }) => id)).toEqual(documented());
  });

  test('R32: one refresh, no generation, no file changed, no port taken', async () => {
    const rig = await openServed();
    const before = [filesIn(rig.folder), filesIn(rig.relay.folder)];
    rig.simulator.clear();
    await rig.run();
    expect(rig.simulator.asked('token').filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(rig.simulator.asked('generate')).toEqual([]);
    expect(rig.simulator.leaks()).toEqual([]);
    expect([filesIn(rig.folder), filesIn(rig.relay.folder)]).toEqual(before);
    expect((await rig.relay.fetch('/v1/models')).status).toBe(200);
  });

  test('another key than the one that is set here', async () => {
    const rig = await openServed();
    const run = await rig.run({ env: { GEMINI_AUTH_PASSWORD: 'set-after-the-relay-was-started' } });
    expect(told(run, 'auth-bearer')).toContain('the relay that serves knows another key → Restart it');
    expect(failing(run)).toEqual(['auth-bearer']);
    expect(told(run, 'endpoint-openai-chat')).toContain('skip: see auth-bearer');
    // Tried with two requests, not with all of them: it would count as guessing.
    expect(rig.relay.logs.filter((line) => line.includes('many wrong keys'))).toEqual([]);
    expect(run.exit).toBe(1);
  });

  test('a relay that cannot relay says why, and the way out', async () => {
    const rig = await openServed({ door: 'none' });
    const run = await rig.run();
    expect(told(run, 'credentials')).toMatch(/fail: missing: .* → .*npm run login/);
    for (const id of ['upstream', 'token-refresh', 'account', 'health', 'endpoint-openai-models'])
      expect(told(run, id)).toBe('skip: see credentials → ');
    expect(failing(run)).toEqual(['credentials']);
    expect(told(run, 'livez')).toContain('pass');
    expect(run.exit).toBe(1);
  });
});

describe('the service', () => {
  test('nothing listens', async () => {
    const run = await (await open()).run();
    expect(told(run, 'service')).toMatch(/fail: .*connection refused → .*npm start/);
    expect(failing(run)).toEqual(['service']);
    expect(told(run, 'health')).toContain('skip');
    expect(run.exit).toBe(1);
  });

  test.each([
    ['another web server', () => createHttp((_, response) => response.end('{"name":"something else"}'))],
    [
      'something that speaks no HTTP',
      () => createServer((socket) => socket.resume().end('220 mail.example ready\r\n')),
    ],
  ])('%s has the port', async (_, create) => {
    const port = await listen(create());
    const run = await (await open()).run({ env: { PORT: String(port) } });
    expect(told(run, 'service')).toMatch(/fail: .* answers on 127\.0\.0\.1:\d+, and that is not the relay → .*PORT/);
    if (existsSync('/proc/net/tcp')) expect(told(run, 'service')).toContain(`(pid ${process.pid})`);
  });

  test('an older relay serves', async () => {
    const port = await listen(
      createHttp((_, response) => response.end('{"name":"gemini-cli-relay","version":"0.0.1","endpoints":{}}')),
    );
    const run = await (await open()).run({ env: { PORT: String(port) } });
    expect(told(run, 'version')).toMatch(/fail: the relay that serves is 0\.0\.1, .* → Restart/);
  });

  test('without a key it would serve whoever comes', async () => {
    const port = await listen(createHttp((_, response) => response.end('{"name":"gemini-cli-relay"}')));
    const run = await (await open()).run({ env: { PORT: String(port) } });
    expect(told(run, 'auth-wrong-key')).toContain('fail: a wrong key is answered with 200');
  });
});

describe('settings', () => {
  test('all problems at once, and the rest of the checks go on', async () => {
    const rig = await open();
    const run = await rig.run({ env: { LOG_LEVEL: 'loud', UPSTREAM: 'claude', MAX_RETRIES: '-1' } });
    for (const name of ['LOG_LEVEL', 'UPSTREAM', 'MAX_RETRIES']) expect(told(run, 'settings')).toContain(name);
    expect(told(run, 'settings')).not.toContain('claude');
    expect(told(run, 'token-refresh')).toContain('pass');
  });

  test.each([
    ['123456', 'placeholder'],
    ['elevenchars', 'fewer than 16 characters'],
    ['your-key-here-please', 'placeholder'],
    ['Bearer kJ8-long-enough-to-pass', 'begins with "Bearer"'],
  ])('the key %s is weak', async (key, problem) => {
    const run = await (await open()).run({ env: { GEMINI_AUTH_PASSWORD: key } });
    expect(told(run, 'client-key')).toContain(`fail: GEMINI_AUTH_PASSWORD `);
    expect(told(run, 'client-key')).toContain(problem);
    expect(run.out).not.toContain(key);
  });

  test.each([
    ['127.0.0.1', 'pass: GEMINI_AUTH_PASSWORD: missing; the relay makes a key at its first start'],
    ['0.0.0.0', 'skip: see settings'],
  ])('no key on %s', async (HOST, expected) => {
    const run = await (await open()).run({ env: { GEMINI_AUTH_PASSWORD: '', HOST } });
    expect(told(run, 'client-key')).toContain(expected);
  });

  test('a relay that its settings do not let start is one trouble, told once', async () => {
    const run = await (await open()).run({ env: { GEMINI_AUTH_PASSWORD: '', HOST: '0.0.0.0' } });
    expect(told(run, 'settings')).toContain('fail: GEMINI_AUTH_PASSWORD is not set, and HOST=0.0.0.0 can be reached');
    expect(failing(run)).toEqual(['settings']);
    expect(told(run, 'service')).toContain('skip: see settings');
    expect(told(run, 'livez')).toContain('skip: see settings');
    expect(told(run, 'account')).toContain('pass');
  });

  test('the key of the relay’s own making is used', async () => {
    const rig = await openServed();
    writeFileSync(join(rig.folder, '.relay-key'), `${RELAY_KEY}\n`, { mode: 0o600 });
    const run = await rig.run({ env: { GEMINI_AUTH_PASSWORD: '' } });
    expect(told(run, 'client-key')).toMatch(/pass: .* kept in .*\.relay-key/);
    expect(told(run, 'auth-bearer')).toContain('pass');
  });

  test.each([
    ['gemini-9-ultra, gemini-3.6-flash', 'pass'],
    [
      'models/gemini-9-pro',
      'fail: MODELS names models/gemini-9-pro → In place of models/gemini-9-pro write gemini-9-pro.',
    ],
    ['gemini-2.5-flahs', 'fail: MODELS names gemini-2.5-flahs → In place of gemini-2.5-flahs write gemini-2.5-flash'],
    ['gemni-2.5-pro', 'fail: MODELS names gemni-2.5-pro → In place of gemni-2.5-pro write gemini-2.5-pro'],
  ])('MODELS=%s', async (MODELS, expected) => {
    expect(told(await (await open()).run({ env: { MODELS } }), 'models')).toContain(expected);
  });

  test.each(['v22.4.1', 'v20.20.0', 'nonsense'])('Node %s is too old', async (version) => {
    const { checkNode } = await import('../../src/diagnosis/local-checks.ts');
    expect(checkNode(version)).toMatchObject({ status: 'fail' });
    expect(checkNode('v24.0.0')).toMatchObject({ status: 'pass' });
  });
});

describe('.env', () => {
  test.each([
    ['PORT = 8890\nexport LOG_LEVEL="info"\n', 'pass: '],
    ['GEMINI_CREDENTIALS=\'{"refresh_token":"x",\n"client_id":"y"}\'\n', 'pass: '],
    ['API_KEY="long-enough-but-open\n', 'fail: the value of API_KEY begins with a quotation mark'],
    ['API_KEY=“curly-quotation-marks”\n', 'fail: the value of API_KEY begins with a quotation mark'],
    [
      'GEMINI_AUTH_PASWORD=long-enough-to-be-good\n',
      'fail: GEMINI_AUTH_PASWORD is no setting of the relay; GEMINI_AUTH_PASSWORD is one',
    ],
    ['PORT: 8890\n', 'fail: the line of PORT is not understood → Write it as PORT=value.'],
    ['set PORT=8890\n', 'fail: the line of PORT is not understood'],
    ['# PORT: 8890\nSOMETHING_ELSE=1\n', 'pass: '],
  ])('%j', async (text, expected) => {
    const rig = await open();
    writeFileSync(join(rig.folder, '.env'), text);
    expect(told(await rig.run(), 'env-file')).toContain(expected);
  });

  test('the environment overrides it, and that is told', async () => {
    const rig = await open();
    writeFileSync(join(rig.folder, '.env'), 'PORT=8890\n');
    expect(told(await rig.run(), 'env-file')).toContain('pass: ');
    expect(told(await rig.run(), 'env-file')).toContain('the environment overrides PORT');
  });

  test('none, misplaced, or a directory', async () => {
    const rig = await open();
    expect(told(await rig.run(), 'env-file')).toContain('skip: there is no ');
    mkdirSync(join(rig.folder, 'src'));
    writeFileSync(join(rig.folder, 'src', '.env'), 'PORT=8890\n');
    expect(told(await rig.run(), 'env-file')).toMatch(/fail: there is no .*src.*\.env.* → Move it/);
    mkdirSync(join(rig.folder, '.env'));
    expect(told(await rig.run(), 'env-file')).toMatch(/fail: .* is a directory/);
  });
});

describe('credentials', () => {
  test.each([
    [
      '{"refresh_token": "1//0x",',
      /fail: The credentials file \(GOOGLE_APPLICATION_CREDENTIALS\) does not parse: .*(?:line|column|position)/,
    ],
    ['', /fail: .* is empty/],
    ['{"installed":{"client_id":"x"}}', /fail: .* is the description of an OAuth client/],
    [
      `${'ab'.repeat(12)}:${'cd'.repeat(16)}:${'ef'.repeat(40)}`,
      /fail: .* encrypted store of Gemini CLI.*npm run login/,
    ],
    [
      '{"type":"service_account","client_email":"robot@example.com","private_key":"x"}',
      /fail: .*service_account.*UPSTREAM=vertex/,
    ],
  ])('%s', async (credentials, expected) => {
    const run = await (await open({ credentials })).run();
    expect(told(run, 'credentials')).toMatch(expected);
    expect(run.exit).toBe(1);
  });

  test('missing; Gemini CLI is logged in, openly or not', async () => {
    const rig = await open({ door: 'none' });
    expect(told(await rig.run(), 'credentials')).toMatch(/fail: missing: .*npm run login/);
    mkdirSync(join(rig.folder, '.gemini'));
    writeFileSync(join(rig.folder, '.gemini', 'gemini-credentials.json'), 'aa:bb:cc');
    expect(told(await rig.run(), 'credentials')).toContain('keeps its login encrypted');
    writeFileSync(join(rig.folder, '.gemini', 'oauth_creds.json'), '{}');
    expect(told(await rig.run(), 'credentials')).toContain('npm run login -- --import');
  });

  test('in a variable that does not parse, with the position', async () => {
    const run = await (await open()).run({ env: { GEMINI_CREDENTIALS: '{"refresh_token": }' } });
    expect(told(run, 'credentials')).toMatch(/fail: GEMINI_CREDENTIALS does not parse: .*\d/);
  });

  test('no refresh token', async () => {
    const rig = await open();
    const { refresh_token: _, ...rest } = rig.simulator.credentials;
    writeFileSync(join(rig.folder, 'oauth_creds.json'), JSON.stringify(rest));
    const run = await rig.run();
    expect(told(run, 'credentials')).toMatch(/fail: .*refresh token: missing, access token: good for .*npm run login/);
    expect(told(run, 'token-refresh')).toContain('pass: Google gave an access token');
  });

  test('a scope is missing', async () => {
    const rig = await open();
    const login = rig.simulator.issue({ scope: 'https://www.googleapis.com/auth/userinfo.email' });
    writeFileSync(join(rig.folder, 'oauth_creds.json'), JSON.stringify(login));
    expect(told(await rig.run(), 'scopes')).toMatch(/fail: the cloud-platform scope is missing → .*--force/);
  });

  test('an expired access token is refreshed', async () => {
    const rig = await open();
    writeFileSync(join(rig.folder, 'oauth_creds.json'), JSON.stringify(rig.simulator.issue({ expired: true })));
    const run = await rig.run();
    expect(told(run, 'credentials')).toMatch(/pass: .*access token: expired .* ago/);
    expect(told(run, 'token-refresh')).toContain('pass: the refresh works');
  });

  test('revoked', async () => {
    const rig = await open();
    rig.simulator.revokeTokens();
    const run = await rig.run();
    expect(told(run, 'token-refresh')).toMatch(/fail: Google has revoked.* → .*npm run login/);
    expect(told(run, 'account')).toContain('skip');
  });

  test('the token endpoint has trouble', async () => {
    const rig = await open();
    rig.simulator.always('token', html(503));
    expect(told(await rig.run(), 'token-refresh')).toMatch(/fail: .*answered 503.* → .*try again in some minutes/);
  });

  test('the OAuth client is refused', async () => {
    const rig = await open();
    rig.simulator.always('token', oauthError('invalid_client'));
    expect(told(await rig.run(), 'token-refresh')).toMatch(/fail: .*OAuth client.*GOOGLE_OAUTH_CLIENT_ID/);
  });

  test('R32: a rotated refresh token is saved, and nothing else', async () => {
    const rig = await open();
    rig.simulator.account.rotateRefreshTokens = true;
    const path = join(rig.folder, 'oauth_creds.json');
    const old = JSON.parse(readFileSync(path, 'utf8')) as { refresh_token: string };
    const run = await rig.run();
    expect(told(run, 'token-refresh')).toContain('the new refresh token is saved');
    const now = JSON.parse(readFileSync(path, 'utf8')) as { refresh_token: string };
    expect(now.refresh_token).not.toBe(old.refresh_token);
    expect(Object.keys(filesIn(rig.folder))).toEqual([path]);
    expect(run.out).not.toContain(now.refresh_token);
    expect(told(await rig.run(), 'token-refresh')).toContain('pass');
  });

  test('R32: a rotated refresh token that cannot be kept is told', async () => {
    const rig = await open();
    rig.simulator.account.rotateRefreshTokens = true;
    const run = await rig.run({ env: { GEMINI_CREDENTIALS: JSON.stringify(rig.simulator.credentials) } });
    expect(told(run, 'token-refresh')).toMatch(/fail: .*could not be kept → .*npm run login/);
  });
});

describe('the account', () => {
  test.each([
    ['unsupported-client', /fail: Google no longer serves this login type.* → Use an API key \(GEMINI_API_KEY\)/],
    ['validation-required', /fail: Google wants you to verify this account.* → Verify it: https:/],
    ['no-licence', /fail: .*GOOGLE_CLOUD_PROJECT/],
    [
      'ineligible',
      /fail: Google does not serve Code Assist to this account.*It was asked for account \S+@\S+ with project /,
    ],
    ['standard', /pass: project simulated-project, standard-tier/],
  ] as const)('code-assist: %s', async (standing, expected) => {
    const rig = await open({ simulator: { account: { standing } } });
    expect(told(await rig.run(), 'account')).toMatch(expected);
  });

  test('gemini-api: a wrong key', async () => {
    const rig = await open({ door: 'gemini-api' });
    const key = `AIza${'Wrong'.repeat(7)}`;
    const run = await rig.run({ env: { GEMINI_API_KEY: key } });
    expect(told(run, 'account')).toMatch(/fail: Google refuses the API key.* → .*GEMINI_API_KEY/);
    expect(run.out).not.toContain(key);
    expect(told(run, 'token-refresh')).toContain('skip');
  });

  test('gemini-api: no key', async () => {
    const rig = await open({ door: 'none', env: { UPSTREAM: 'gemini-api' } });
    expect(told(await rig.run(), 'upstream')).toMatch(/fail: .*GEMINI_API_KEY/);
  });

  test('vertex: no permission, no project, a service account', async () => {
    const rig = await open({ door: 'vertex' });
    rig.simulator.account.vertexPermission = false;
    expect(told(await rig.run(), 'account')).toMatch(/fail: .*(?:may not|denies)/);
    rig.simulator.account.vertexPermission = true;
    expect(told(await rig.run({ env: { GOOGLE_CLOUD_PROJECT: '' } }), 'upstream')).toMatch(
      /fail: .*GOOGLE_CLOUD_PROJECT/,
    );
    expect(told(await rig.run({ env: { GOOGLE_CLOUD_PROJECT: '1234567890' } }), 'upstream')).toMatch(
      /fail: .*not its number/,
    );
    writeFileSync(join(rig.folder, 'oauth_creds.json'), JSON.stringify(await rig.simulator.serviceAccount()));
    const run = await rig.run();
    expect(told(run, 'credentials')).toContain('pass: ');
    expect(told(run, 'token-refresh')).toContain('pass: Google gave an access token');
    expect(told(run, 'account')).toContain('pass: project simulated-project answers in global');
  });

  test('an API that is not enabled comes with its link', async () => {
    const rig = await open();
    rig.simulator.always('loadCodeAssist', serviceDisabled());
    expect(told(await rig.run(), 'account')).toMatch(/fail: .*not enabled.*https:/);
  });

  test('a generation without the relay goes the configured way', async () => {
    const run = await (await open()).run({ args: ['--json', '--generate'] });
    expect(told(run, 'generate')).toContain('pass: gemini-2.5-flash answered through code-assist');
    expect(told(await (await open()).run(), 'generate')).toContain('skip: not asked for');
  });
});

describe('the network', () => {
  test('an address that does not resolve', async () => {
    const rig = await open();
    const run = await rig.run({ env: { CODE_ASSIST_ENDPOINT: 'https://no-such-host.invalid' } });
    expect(told(run, 'dns')).toMatch(/fail: no-such-host\.invalid does not resolve/);
    expect(told(run, 'upstream-endpoint')).toBe('skip: see dns → ');
    expect(told(run, 'account')).toBe('skip: see dns → ');
    expect(told(run, 'token-endpoint')).toContain('pass');
    expect(failing(run)).toEqual(['dns', 'service']);
  });

  test('no network at all: one failure, and everything else points to it', async () => {
    const NOWHERE = 'https://no-such-host.invalid';
    const env = { CODE_ASSIST_ENDPOINT: NOWHERE, GOOGLE_OAUTH_TOKEN_URL: `${NOWHERE}/token` };
    const run = await (await open()).run({ env, args: ['--json', '--generate'] });
    expect(failing(run)).toEqual(['dns', 'service']);
    for (const id of ['token-endpoint', 'upstream-endpoint', 'clock', 'token-refresh', 'account', 'generate'])
      expect(told(run, id)).toBe('skip: see dns → ');
  });

  test('a firewall before both addresses is told of the first; two different troubles are both told', async () => {
    const rig = await open();
    const closed = { GOOGLE_OAUTH_TOKEN_URL: 'http://127.0.0.1:1/token' };
    const both = await rig.run({ env: { ...closed, CODE_ASSIST_ENDPOINT: 'http://127.0.0.1:2' } });
    expect(failing(both)).toEqual(['token-endpoint', 'service']);
    expect(told(both, 'upstream-endpoint')).toBe('skip: see token-endpoint → ');
    const different = await rig.run({ env: { ...closed, CODE_ASSIST_ENDPOINT: 'https://no-such-host.invalid' } });
    expect(failing(different)).toEqual(['dns', 'token-endpoint', 'service']);
  });

  test('a proxy that is not there, named without its password', async () => {
    const rig = await open();
    const proxy = 'http://somebody:canary-proxy-password@127.0.0.1:1';
    const run = await rig.run({ env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } });
    expect(told(run, 'proxy')).toContain('https by way of http://127.0.0.1:1');
    expect(told(run, 'token-endpoint')).toMatch(/fail: .*127\.0\.0\.1:1/);
    expect(run.out).not.toContain('canary-proxy-password');
    expect(run.out).not.toContain('somebody');
  });

  test('a proxy variable that the relay does not read', async () => {
    expect(told(await (await open()).run({ env: { ALL_PROXY: 'socks5://127.0.0.1:1' } }), 'proxy')).toMatch(
      /fail: ALL_PROXY.*HTTPS_PROXY/,
    );
  });

  test.each([
    [-3_600_000, /fail: 60 min slow/],
    [10_800_000, /fail: 3 h fast/],
    [60_000, /pass: 60 s fast/],
    [0, /pass: right/],
  ])('a clock that is %i ms off', async (offMs, expected) => {
    const real = createSystem();
    const rig = await open();
    const run = await rig.run({ system: { ...real, now: () => real.now() + offMs } });
    expect(told(run, 'clock')).toMatch(expected);
  });

  test('R32: an endpoint that stalls costs no more than its time', async () => {
    const rig = await open();
    rig.simulator.always('any', stallBeforeHeaders());
    const startedAt = performance.now();
    const run = await rig.run({ args: ['--json', '--generate'], limits: { checkMs: 300, allMs: 2000 } });
    expect(performance.now() - startedAt).toBeLessThan(allowed(2500));
    expect(told(run, 'token-endpoint')).toMatch(/fail: no answer within 300 ms/);
    expect(failing(run)).toEqual(['token-endpoint', 'service']);
    expect(run.exit).toBe(1);
  });
});

describe('Docker', () => {
  const engine = { 'docker version': { output: '29.1.0\n' } };
  const state = (fields: object) =>
    withCommands({ ...engine, 'docker inspect': { output: `${JSON.stringify({ ExitCode: 0, ...fields })}\n` } });

  test.each([
    [withCommands({}), 'docker', 'skip: Docker is not installed here'],
    [
      withCommands({ docker: { kind: 'failed' as const } }),
      'docker',
      'skip: Docker is installed, but its engine does not answer → ',
    ],
    [withCommands(engine), 'docker', 'pass: Docker 29.1.0'],
    [
      withCommands({ ...engine, 'docker inspect': { kind: 'failed' as const } }),
      'container',
      'skip: there is no container gemini-cli-relay',
    ],
    [state({ Status: 'running', Health: { Status: 'healthy' } }), 'container', 'pass: running, healthy'],
    [
      state({ Status: 'running', Health: { Status: 'unhealthy' } }),
      'container',
      'fail: running, but unhealthy → Read why: docker compose logs relay',
    ],
    [
      state({ Status: 'restarting', ExitCode: 78 }),
      'container',
      'fail: restarting again and again, exit code 78 (a setting does not work) → Read why: docker compose logs relay',
    ],
    [
      state({ Status: 'exited', ExitCode: 137, OOMKilled: true }),
      'container',
      'fail: exited, exit code 137 (out of memory)',
    ],
    [state({ Status: 'created' }), 'container', 'fail: created → Start it: docker compose up -d'],
  ])('case %#', async (commands, id, expected) => {
    expect(told(await (await open()).run({ commands }), id)).toContain(expected);
  });

  test('a login that only the container has is no failure here', async () => {
    const rig = await openServed();
    const run = await rig.run({
      env: { GOOGLE_APPLICATION_CREDENTIALS: join(rig.folder, 'none.json') },
      commands: state({ Status: 'running' }),
    });
    expect(told(run, 'credentials')).toContain('skip: no login in this folder; the container has its own');
    expect(failing(run)).toEqual([]);
  });
});

describe('the command', () => {
  test.each([
    [['--nonsense'], 'there is no option --nonsense'],
    [['-x'], 'there is no option -x'],
    [['more'], 'the word more is one too many'],
    [['--bundle'], '--bundle lacks its value'],
    [['--bundle='], '--bundle lacks its value'],
    [['--json=yes'], '--json takes no value'],
  ])('%j is a usage error that names what is wrong', async (args, problem) => {
    const run = await (await open()).run({ args });
    expect(run.exit).toBe(2);
    expect(run.err).toContain(`Not understood: ${problem}.`);
    expect(run.err).toContain('npm run health -- [options]');
    expect(run.out).toBe('');
  });

  test('--help', async () => {
    const run = await (await open()).run({ args: ['--help'] });
    expect([run.exit, run.out]).toEqual([0, expect.stringContaining('--bundle FILE')]);
  });

  test('what failed comes first, and what follows from it beside it', async () => {
    const rig = await open();
    const { out, err } = await rig.run({ args: [] });
    const [summary, row, following] = out.split('\n').filter((line) => line !== '');
    expect(summary).toBe(`✖ 1 of ${documented().length} checks failed: service.`);
    expect(row).toMatch(/^✖ service .* → Start the relay: npm start/);
    expect(following).toMatch(/^ +– follows from it: version, livez, health, auth-bearer and \d+ more$/);
    expect(out).toMatch(/^\d+ checks are well, \d+ do not apply\. Each of them: npm run health -- --verbose$/m);
    expect(out).not.toContain('✔');
    expect(err).toBe('');
  });

  test.each([['--verbose'], ['-v']])('%s: the summary, then one line each', async (flag) => {
    const { out } = await (await open()).run({ args: [flag] });
    const [summary, ...lines] = out.split('\n').filter((line) => line !== '');
    expect(summary).toContain('checks failed: service.');
    expect(lines.map((line) => /^[✔✖–] ([a-z\d-]+) +\S/.exec(line)?.[1])).toEqual(documented());
    expect(lines.find((line) => line.includes('livez'))).toMatch(/^– livez +see service$/);
  });

  test('when all is well it says so in two lines', async () => {
    const { out } = await (await openServed()).run({ args: [] });
    expect(out.split('\n').filter((line) => line !== '')).toEqual([
      '✔ All is well.',
      expect.stringMatching(/^\d+ checks are well, \d+ do not apply/) as string,
    ]);
  });

  test.each([
    [100, ['--verbose']],
    [80, []],
    [44, []],
  ])('on a terminal of %i columns no line is longer, but for what must stay whole', async (columns, args) => {
    const rig = await open();
    const { out } = await rig.run({ args, terminal: true, columns, env: { NO_COLOR: '1' } });
    const long = out.split('\n').filter((line) => line.length > columns);
    expect(long.filter((line) => line.trim().includes(' ') && !/npm (?:run|start)|docker compose/.test(line))).toEqual(
      [],
    );
    expect(out).toContain('✖ service');
  });

  test('in colour on a terminal only, and not where its owner wants none', async () => {
    const rig = await open();
    expect((await rig.run({ args: [] })).out).not.toContain('\u001b');
    expect((await rig.run({ args: [], terminal: true })).out).toContain('\u001b[31m✖\u001b[0m');
    const plain = await rig.run({ args: [], terminal: true, env: { NO_COLOR: '1' } });
    expect(plain.out).not.toContain('\u001b');
  });

  test('in the image it names what works there', async () => {
    const { out, err } = await (await open({ door: 'none' })).run({ args: [], env: { GEMINI_CLI_RELAY_IMAGE: '1' } });
    expect(out).toContain('Log in with `docker compose run --rm relay login --no-browser`. Or set');
    expect(out).toContain('Start the relay: docker compose up -d.');
    expect(out + err).not.toMatch(/npm (?:run|start)/);
  });

  test('T16: the report names settings and where they come from, and holds neither secrets nor mail addresses', async () => {
    const rig = await openServed();
    const key = 'canary-in-the-env-file-0123';
    writeFileSync(join(rig.folder, '.env'), `API_KEY=${key}\nUPSTREAM_USER_AGENT="me@example.org/1"\nMAX_RETRIES=1\n`);
    const file = join(rig.folder, 'report.md');
    const commands = withCommands({
      'docker version': { output: '29.1.0' },
      'docker inspect': { output: '{"Status":"running"}' },
      'docker logs': {
        output: `{"level":"info","message":"request"}\n{"level":"error","message":"refused for owner@example.com with ${key}"}\n`,
      },
    });
    await rig.run({ args: ['--bundle', file], commands });
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('- API_KEY: set (.env)');
    expect(text).toContain('- MAX_RETRIES: "1" (.env)');
    expect(text).toContain('- GEMINI_AUTH_PASSWORD: set (environment)');
    expect(text).toContain('- HTTPS_PROXY: default');
    expect(text).toContain(`Node ${process.version}`);
    expect(text).toContain('✔ token-refresh');
    expect(text).toContain('refused for [mail address] with [redacted]');
    expect(text).not.toContain('"level":"info"');
    for (const secret of [key, RELAY_KEY, '@example', rig.folder]) expect(text).not.toContain(secret);
    // Once more: a report may be replaced by a newer one, anything else may not.
    expect((await rig.run({ args: ['--bundle', file] })).exit).toBe(0);
    const credentials = join(rig.folder, 'oauth_creds.json');
    const before = readFileSync(credentials, 'utf8');
    expect((await rig.run({ args: ['--bundle', credentials] })).exit).toBe(2);
    expect(readFileSync(credentials, 'utf8')).toBe(before);
    for (const path of [join(rig.folder, 'no', 'report.md'), rig.folder, '/dev/null']) {
      expect((await rig.run({ args: ['--bundle', path] })).exit).toBe(2);
    }
  });

  test('S15: no output holds a secret, whatever fails', async () => {
    const rig = await openServed();
    const login = rig.simulator.authorizedUser;
    const canaries = {
      GEMINI_AUTH_PASSWORD: 'canary-password-3c1f9a',
      API_KEY: 'canary-api-key-77e1b2',
      HF_TOKEN: 'hf_canary-a5d02e',
      GEMINI_API_KEY: 'AIzacanary-0f9e8d7c6b5a49382716',
      GOOGLE_OAUTH_CLIENT_ID: 'canary-client.apps.googleusercontent.com',
      GOOGLE_OAUTH_CLIENT_SECRET: 'GOCSPX-canary-5566778899',
    };
    const variants = [
      {},
      { UPSTREAM: 'gemini-api' },
      { UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: 'simulated-project' },
      { GEMINI_CREDENTIALS: JSON.stringify(login) },
      { GEMINI_CREDENTIALS: `${JSON.stringify(login)}}` },
      { GEMINI_CREDENTIALS: '{"refresh_token": "1//0canary-refresh-token' },
      { PORT: 'x', MAX_RETRIES: 'many', HOST: '0.0.0.0' },
      {
        GEMINI_CREDENTIALS: '{"refresh_token":"1//0canary-refresh-token-abcdef","client_secret":"GOCSPX-canary-inner"}',
      },
    ];
    const written = [RELAY_KEY, PUBLIC_CLIENT.clientSecret, rig.simulator.apiKey, String(login['refresh_token'])];
    const { access_token, refresh_token } = rig.simulator.credentials;
    const file = join(rig.folder, 'report.md');
    for (const [index, variant] of variants.entries()) {
      const form = index % 2 === 0 ? ['--json'] : [];
      const run = await rig.run({ args: [...form, '--generate', '--bundle', file], env: { ...canaries, ...variant } });
      const all = run.out + run.err + readFileSync(file, 'utf8');
      for (const secret of [...written, access_token, refresh_token, 'canary']) expect(all).not.toContain(secret);
    }
    expect(rig.simulator.leaks()).toEqual([]);
  });
});
