import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { slowHeaders, stallAfter } from '../../src/simulator/faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { environmentOf, RELAY_KEY, spawnRelay } from '../support/relay.ts';
import type { SpawnedRelay } from '../support/relay.ts';

let folder = '';
const running = new Set<SpawnedRelay>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-start-'));
});
afterEach(async () => {
  for (const relay of running) {
    relay.kill('SIGKILL');
    await relay.ended;
  }
  running.clear();
  rmSync(folder, { recursive: true, force: true });
});

const start = (env: Environment): SpawnedRelay => {
  const relay = spawnRelay({ HOME: folder, PORT: '0', ...env }, folder);
  running.add(relay);
  return relay;
};

const told = (relay: SpawnedRelay): string => relay.output().stdout.replaceAll(/\s+/g, ' ');

describe('a configuration that cannot work', () => {
  test.each<[string, Environment, RegExp, number]>([
    ['a value that does not parse', { PORT: 'canary-x' }, /^PORT must be/, 1],
    ['a public address without a key', { HOST: '0.0.0.0' }, /^GEMINI_AUTH_PASSWORD is not set/, 1],
    [
      'S2: a weak key on a public address',
      { HOST: '0.0.0.0', API_KEY: '123456' },
      /^API_KEY is a published default/,
      1,
    ],
    ['several at once', { PORT: 'x', LOG_LEVEL: 'y' }, /^(PORT|LOG_LEVEL) must be/, 2],
  ])('%s ends the start with 78 and one line each', async (_name, env, problem, lines) => {
    const relay = start(env);
    expect(await relay.ended).toBe(78);
    const { stdout, stderr } = relay.output();
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(lines);
    expect(stderr).toMatch(problem);
    expect(stderr).not.toMatch(/canary|\bat .*:\d+/);
  });

  test('a .env that is a directory is named', async () => {
    mkdirSync(join(folder, '.env'));
    const relay = start({});
    expect(await relay.ended).toBe(78);
    expect(relay.output().stderr).toMatch(/^\.env is a directory/);
  });

  test('a slip in .env is told beside what it leads to', async () => {
    writeFileSync(join(folder, '.env'), 'GEMINI_AUTH_PASWORD=canary-long-enough-to-be-good\nHOST=0.0.0.0\n');
    const relay = start({});
    expect(await relay.ended).toBe(78);
    const { stderr } = relay.output();
    expect(stderr).toMatch(/^GEMINI_AUTH_PASSWORD is not set/);
    expect(stderr).toMatch(/^\.env: GEMINI_AUTH_PASWORD is no setting of the relay; GEMINI_AUTH_PASSWORD is one\. /m);
    expect(stderr).not.toContain('canary');
  });

  test('T2: a port in use ends it with 1, the port and the variable to change', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const relay = start({ PORT: String(port) });
    expect(await relay.ended).toBe(1);
    expect(relay.output().stderr).toMatch(new RegExp(`^Port ${port} is in use.*PORT=`));
    expect(relay.output().stderr.trimEnd().split('\n')).toHaveLength(1);
    other.close();
  });
});

describe('a start without credentials', () => {
  test('T3b: serves, says how to log in, and answers calls with 503 and the same', async () => {
    const relay = start({ GEMINI_AUTH_PASSWORD: RELAY_KEY });
    const url = await relay.listening;
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toEqual([
      503,
      expect.objectContaining({
        status: 'login_required',
        message: expect.stringContaining('npm run login') as unknown,
      }),
    ]);
    const call = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'x' }] }),
    });
    expect([call.status, call.headers.get('x-should-retry')]).toEqual([503, 'false']);
    expect(await call.text()).toMatch(/"code":"login_required"/);
    expect(relay.output().stdout).toContain('npm run login');
  });

  test('S1: makes a key, shows it once, keeps it, and takes it again', async () => {
    const first = start({});
    const url = await first.listening;
    await expect.poll(() => first.output().stderr).toMatch(/Your key/);
    const key = readFileSync(join(folder, '.relay-key'), 'utf8').trim();
    expect(first.output().stderr.split(key)).toHaveLength(2);
    // For machines every line of the log is JSON; the key is no part of it.
    expect(first.output().stdout).not.toContain(key);
    for (const line of first.output().stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
    expect((await fetch(`${url}/nothing`, { headers: { 'x-api-key': key } })).status).toBe(404);
    first.kill();
    expect(await first.ended).toBe(0);

    const second = start({});
    const again = await second.listening;
    expect((await fetch(`${again}/nothing`, { headers: { 'x-api-key': key } })).status).toBe(404);
    expect(second.output().stdout).toContain('.relay-key');
    expect(second.output().stdout + second.output().stderr).not.toContain(key);
  });
});

test('T3: .env is read, and the real environment wins', async () => {
  const simulator = await startSimulator();
  const env = environmentOf(simulator, folder, { door: 'none' });
  const credentials = JSON.stringify(simulator.credentials, undefined, 2);
  writeFileSync(
    join(folder, '.env'),
    `GEMINI_AUTH_PASSWORD = from-the-file-0123456789\nUPSTREAM=gemini-api\nGEMINI_CREDENTIALS=${credentials}\n`,
  );
  const { GEMINI_AUTH_PASSWORD: _, ...rest } = env;
  const relay = start({ ...rest, UPSTREAM: 'code-assist' });
  const url = await relay.listening;
  const health = async () =>
    (await (await fetch(`${url}/health`, { headers: { 'x-api-key': 'from-the-file-0123456789' } })).json()) as object;
  await expect
    .poll(health)
    .toMatchObject({ status: 'healthy', upstream: 'code-assist', credentials: { source: 'environment' } });
  await simulator.close();
});

test('what .env cannot mean is told at the start, and the relay serves', async () => {
  writeFileSync(
    join(folder, '.env'),
    'PORT 21050\nGEMINI_API_KY=canary\nan idea\nLOG_FORMAT=json\nLOG_LEVEL=info\nAPI_KEY="canary-canary-canary',
  );
  const relay = start({ GEMINI_AUTH_PASSWORD: RELAY_KEY, API_KEY: '' });
  await relay.listening;
  const told = () =>
    relay
      .output()
      .stdout.split('\n')
      .flatMap((line) => /"level":"warn","message":"(\.env: .*)"\}$/.exec(line)?.[1] ?? []);
  await expect
    .poll(told)
    .toEqual([
      expect.stringMatching(/^\.env: the line of PORT is not understood\. Write it as PORT=value\./),
      expect.stringContaining('GEMINI_API_KY is no setting of the relay; GEMINI_API_KEY is one'),
      expect.stringContaining('the value of API_KEY begins with a quotation mark that nothing closes'),
      expect.stringContaining('line 3 sets nothing'),
    ]);
  expect(relay.output().stdout).not.toContain('canary');
});

test('credentials that do not parse do not end the start, and are named', async () => {
  const relay = start({ GEMINI_AUTH_PASSWORD: RELAY_KEY, GEMINI_CREDENTIALS: '{"refresh_token": canary}' });
  const url = await relay.listening;
  const health = await fetch(`${url}/health`);
  expect([health.status, ((await health.json()) as { status: string }).status]).toEqual([503, 'credentials_invalid']);
  const { stdout } = relay.output();
  expect(stdout).toMatch(/GEMINI_CREDENTIALS.*column/);
  expect(stdout).not.toContain('canary');
});

describe('readiness', () => {
  const READY = /"level":"info","message":"ready","upstream":"code-assist"/;

  test('is told in a line, for machines when it comes', async () => {
    const simulator = await startSimulator();
    simulator.next('loadCodeAssist', slowHeaders(300));
    const relay = start(environmentOf(simulator, folder));
    await relay.listening;
    expect(relay.output().stdout).toMatch(/"message":"listening".*"status":"starting"/);
    await expect.poll(() => relay.output().stdout, { timeout: 5000 }).toMatch(READY);
    await simulator.close();
  });

  test('stands in the greeting, which waits for it', async () => {
    const simulator = await startSimulator();
    simulator.next('loadCodeAssist', slowHeaders(300));
    const relay = start(environmentOf(simulator, folder, { env: { LOG_FORMAT: 'pretty' } }));
    await relay.listening;
    await expect.poll(() => relay.output().stdout).toMatch(/State +ready\n/);
    expect(relay.output().stdout).not.toMatch(/info +ready/);
    await simulator.close();
  });

  test('follows in a line where it takes longer; and what keeps it from coming stands in the greeting', async () => {
    const simulator = await startSimulator();
    const env = environmentOf(simulator, folder, { env: { LOG_FORMAT: 'pretty' } });
    simulator.next('loadCodeAssist', slowHeaders(2500));
    const slow = start(env);
    await slow.listening;
    await expect.poll(() => slow.output().stdout).toMatch(/State +starting: The relay is asking Code Assist/);
    expect(slow.output().stdout).toMatch(/A line below will say when it is\s+ready\./);
    await expect.poll(() => slow.output().stdout, { timeout: 5000 }).toMatch(/info +ready upstream=code-assist/);

    const cutOff = start({ ...env, CODE_ASSIST_ENDPOINT: 'http://127.0.0.1:1' });
    await cutOff.listening;
    await expect
      .poll(() => told(cutOff))
      .toMatch(/State starting: The relay cannot reach 127\.0\.0\.1:1: the connection is refused\. Check the network/);
    await simulator.close();
  });

  test('a key that Google refuses is told in the greeting: the only one as the state, one of several beside it', async () => {
    const simulator = await startSimulator();
    const pretty = { LOG_FORMAT: 'pretty', UPSTREAM: 'gemini-api' };
    const only = start(
      environmentOf(simulator, folder, { env: { ...pretty, GEMINI_API_KEY: 'AQ.no-key-of-google-0123' } }),
    );
    await only.listening;
    await expect.poll(() => told(only)).toMatch(/State config error: Google refuses the API key .*Try it:/);

    const keys = `home=${simulator.apiKey},work=AQ.no-key-of-google-0123`;
    const several = start(environmentOf(simulator, folder, { env: { ...pretty, GEMINI_API_KEYS: keys } }));
    await several.listening;
    await expect
      .poll(() => told(several))
      .toMatch(
        /Closed gemini-api:work: Google refuses the API key .*GEMINI_API_KEYS \(work\) and the restrictions of the key\..* State ready Try it:/,
      );
    await simulator.close();
  });

  test.each([
    [{ GEMINI_API_KEY: 'AQ.no-network-0123' }, /Closed gemini-api: /],
    [
      { GEMINI_API_KEYS: 'home=AQ.no-network-0123,work=AQ.no-network-4567' },
      /Closed gemini-api:\w+: .*gemini-api:\w+: /,
    ],
  ])('a door that cannot be reached is not called ready: %o', async (keys, shut) => {
    const nowhere = { UPSTREAM: 'gemini-api', GEMINI_API_ENDPOINT: 'http://127.0.0.1:1', MAX_RETRIES: '0' };
    const relay = start({ GEMINI_AUTH_PASSWORD: RELAY_KEY, LOG_FORMAT: 'pretty', ...nowhere, ...keys });
    await relay.listening;
    await expect.poll(() => told(relay), { timeout: 5000 }).toMatch(/Try it:/);
    expect(told(relay)).toMatch(shut);
    expect(told(relay)).toMatch(/The relay cannot reach 127\.0\.0\.1:1: the connection is refused\. Check the network/);
    expect(told(relay)).not.toMatch(/State ready/);
  });

  test('--port wins over PORT', async () => {
    const relay = spawnRelay({ HOME: folder, PORT: '1', GEMINI_AUTH_PASSWORD: RELAY_KEY }, folder, ['--port', '0']);
    running.add(relay);
    expect((await fetch(`${await relay.listening}/livez`)).status).toBe(200);
  });
});

describe('R26: the end of the process', () => {
  test('SIGTERM ends an idle relay with 0', async () => {
    const relay = start({ GEMINI_AUTH_PASSWORD: RELAY_KEY });
    await relay.listening;
    relay.kill('SIGTERM');
    expect(await relay.ended).toBe(0);
  });

  test('a second signal does not wait for what is in flight', async () => {
    const simulator = await startSimulator();
    const env = environmentOf(simulator, folder, { env: { SHUTDOWN_GRACE_MS: '20000' } });
    simulator.always('generate', stallAfter(1));
    const relay = start(env);
    const url = await relay.listening;
    const call = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gemini-2.5-flash', stream: true, messages: [{ role: 'user', content: 'x' }] }),
    }).catch(() => undefined);
    await expect.poll(() => simulator.asked('generate').length, { timeout: 5000 }).toBe(1);
    relay.kill('SIGINT');
    await expect.poll(() => relay.output().stdout).toContain('stopping');
    relay.kill('SIGINT');
    expect(await relay.ended).toBe(1);
    await call;
    await simulator.close();
  });
});

describe('advice in the commands that work here', () => {
  test.each([
    ['in a checkout', {}, '`npm run login` (in a container'],
    ['of the installed program', { GEMINI_CLI_RELAY_INSTALLED: '1' }, '`gemini-cli-relay login`'],
    ['in the image', { GEMINI_CLI_RELAY_IMAGE: '1' }, '`docker compose run --rm relay login --no-browser`'],
  ])('%s: at the start, to a client, in /health and on the console', async (_place, env, command) => {
    const relay = start({ ...env, GEMINI_AUTH_PASSWORD: RELAY_KEY });
    const url = await relay.listening;
    const headers = { authorization: `Bearer ${RELAY_KEY}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hi' }] });
    const told = [
      relay.output().stdout,
      await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).text(),
      await (await fetch(`${url}/health`)).text(),
      // With what its owner is told besides.
      await (await fetch(`${url}/health`, { headers })).text(),
      ((await (await fetch(`${url}/console/api/status`, { headers })).json()) as { message: string }).message,
    ];
    for (const text of told) {
      expect(text).toContain(command);
      expect(/npm (?:run|start)/.test(text)).toBe(command.includes('npm'));
    }
  });
});
