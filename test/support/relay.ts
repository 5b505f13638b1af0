import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import type { Environment } from '../../src/config.ts';
import { createRedactor } from '../../src/redactor.ts';
import { openRelay } from '../../src/program/relay.ts';
import type { Relay } from '../../src/program/relay.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';

export const RELAY_KEY = 'relay-key-of-the-tests-0123456789';

export type DoorName = 'code-assist' | 'gemini-api' | 'vertex';

export interface StartOptions {
  /** `none`: neither login nor key. Default `code-assist`. */
  readonly door?: DoorName | 'none';
  /** Further variables; they win. */
  readonly env?: Environment;
  /** Credentials in place of the simulator's own login; a string is written as it is. */
  readonly credentials?: unknown;
  readonly simulator?: SimulatorOptions;
  readonly system?: System;
  /** What stands in the folder of the credentials at the start. */
  readonly before?: (folder: string) => void;
}

export interface Init extends Omit<RequestInit, 'headers'> {
  readonly headers?: Record<string, string>;
}

export interface TestRelay {
  readonly url: string;
  readonly port: number;
  readonly key: string;
  readonly simulator: Simulator;
  readonly relay: Relay;
  /** Where the credentials file lies. */
  readonly folder: string;
  readonly credentialsFile: string;
  /** Log lines so far, as written. */
  readonly logs: string[];
  /** With the relay's key. */
  readonly fetch: (path: string, init?: Init) => Promise<Response>;
  /** Posts JSON with the relay's key. */
  readonly post: (path: string, body: unknown, init?: Init) => Promise<Response>;
  close(): Promise<void>;
}

/** The whole relay in this process, before a simulator of Google's side: no account, no network. */
export const startRelay = async (options: StartOptions = {}): Promise<TestRelay> => {
  const simulator = await startSimulator(options.simulator);
  const folder = mkdtempSync(join(tmpdir(), 'relay-test-'));
  const env = environmentOf(simulator, folder, options);
  options.before?.(folder);
  const config = parseConfig(env);
  const logs: string[] = [];
  const redactor = createRedactor(config.secrets);
  const relay = await openRelay(
    { environment: env, file: {} },
    {
      keys: config.keys,
      system: options.system ?? createSystem(),
      redactor,
      write: (line) => logs.push(line),
      logFormat: 'json',
      colors: false,
    },
  );
  await relay.storeTried;
  const call: TestRelay['fetch'] = (path, init = {}) =>
    fetch(`${relay.url}${path}`, { ...init, headers: { authorization: `Bearer ${RELAY_KEY}`, ...init.headers } });
  return {
    url: relay.url,
    port: relay.port,
    key: RELAY_KEY,
    simulator,
    relay,
    folder,
    credentialsFile: join(folder, 'oauth_creds.json'),
    logs,
    fetch: call,
    post: (path, body, init = {}) =>
      call(path, {
        method: 'POST',
        ...init,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...init.headers },
      }),
    close: async () => {
      await relay.close(0);
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Where Google's side is, whoever plays it. */
export type GoogleSide = Pick<Simulator, 'url' | 'tokenUrl' | 'authUrl' | 'credentials' | 'apiKey' | 'account'>;

/** Settings that lead to the simulator and nowhere else. */
export const environmentOf = (
  simulator: GoogleSide,
  folder: string,
  { door = 'code-assist', env = {}, credentials }: StartOptions = {},
): Environment => {
  const file = join(folder, 'oauth_creds.json');
  if (credentials !== undefined || door === 'code-assist' || door === 'vertex') {
    const written = credentials ?? simulator.credentials;
    writeFileSync(file, typeof written === 'string' ? written : JSON.stringify(written), { mode: 0o600 });
  }
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    HOME: folder,
    LOG_LEVEL: 'debug',
    // A thread for each of the hundreds of relays would take its time: tests that need a database ask for it.
    DATABASE_URL: 'none',
    GEMINI_AUTH_PASSWORD: RELAY_KEY,
    GOOGLE_APPLICATION_CREDENTIALS: file,
    GOOGLE_OAUTH_TOKEN_URL: simulator.tokenUrl,
    GOOGLE_OAUTH_AUTH_URL: simulator.authUrl,
    CODE_ASSIST_ENDPOINT: simulator.url,
    GEMINI_API_ENDPOINT: simulator.url,
    VERTEX_ENDPOINT: simulator.url,
    ...(door === 'gemini-api' && { UPSTREAM: 'gemini-api', GEMINI_API_KEY: simulator.apiKey }),
    ...(door === 'vertex' && { UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: simulator.account.project }),
    ...env,
  };
};

export interface SpawnedRelay {
  readonly process: ChildProcess;
  /** All of stdout and stderr so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /** Resolves with the address once it listens; rejects when it ends before. */
  readonly listening: Promise<string>;
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
  kill(signal?: NodeJS.Signals): void;
}

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

/** `node src/main.ts` as a process of its own, with this environment and nothing of ours. */
export const spawnRelay = (env: Environment, folder: string, args: readonly string[] = []): SpawnedRelay => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let url: string | undefined;
  const listening = Promise.withResolvers<string>();
  listening.promise.catch(() => undefined);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    // Once it is known, what a relay says in ten minutes is not looked through for it again and again.
    url ??= /"message":"listening".*?"url":"([^"]+)"/.exec(stdout)?.[1] ?? /Listening +(http\S+)/.exec(stdout)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown');
      listening.reject(new Error(`ended before it listened: ${stderr}`));
    });
  });
  return {
    process: child,
    output: () => ({ stdout, stderr }),
    listening: listening.promise,
    ended,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
  };
};
