/** Brings the program into the troubles that the documentation tells of, and writes down what it says then. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, parseConfig } from '../../src/config.ts';
import type { Environment } from '../../src/config.ts';
import { loadEnvironment } from '../../src/config/env-file.ts';
import { cutAfter, stallAfter, stallBeforeHeaders } from '../../src/simulator/faults.ts';
import type { Fault } from '../../src/simulator/fault-queue.ts';
import { newApiKey, newProject } from '../../src/simulator/api-keys.ts';
import type { Quota } from '../../src/simulator/api-keys.ts';
import * as google from '../../src/simulator/google-faults.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Standing } from '../../src/simulator/simulator.ts';
import { environmentOf, RELAY_KEY, spawnRelay, startRelay } from '../support/relay.ts';
import type { StartOptions, TestRelay } from '../support/relay.ts';

/** An answer of failure: its status and its code in OpenAI's envelope. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
}

export interface Sayings {
  /** Everything that was on the console, in a log line or in an answer. */
  readonly texts: readonly string[];
  readonly refusals: readonly Refusal[];
}

export const collectSayings = async (): Promise<Sayings> => {
  const texts: string[] = [];
  const refusals: Refusal[] = [];
  const meet = async ([options, bring]: Trouble): Promise<void> => {
    const relay = await startRelay(options);
    try {
      for (const response of await bring(relay)) {
        const text = await response.text();
        texts.push(text, ...messagesIn(text));
        const code = /"code":"([a-z_]+)"/.exec(text)?.[1];
        if (code !== undefined) refusals.push({ status: response.status, code });
      }
      texts.push(...relay.logs.flatMap(stringsIn));
    } finally {
      await relay.close();
    }
  };
  await Promise.all(TROUBLES.map(meet));
  texts.push(...settingsProblems(), oldNode());
  const commands = [portInUse(), noUpstream(), loginPortInUse(), brokenImport(), loginOffline(), rejectedCode()];
  texts.push(...(await Promise.all(commands)));
  return { texts, refusals };
};

type Bring = (relay: TestRelay) => Promise<readonly Response[]>;

const ask = (content: unknown = 'Hello', more: object = {}) => ({
  model: 'gemini-2.5-flash',
  messages: [{ role: 'user', content }],
  ...more,
});

const chat =
  (body: unknown = ask()): Bring =>
  async (relay) => [await relay.post('/v1/chat/completions', body), await relay.fetch('/health')];

/** One call, of which Google makes this. */
const meeting =
  (fault: Fault, body: unknown = ask()): Bring =>
  (relay) => {
    relay.simulator.always('generate', fault);
    return chat(body)(relay);
  };

const standing =
  (word: Standing, ineligible = {}): Bring =>
  (relay) => {
    relay.simulator.account.standing = word;
    Object.assign(relay.simulator.account.ineligible, ineligible);
    return chat()(relay);
  };

const picture = (url: string) => ask([{ type: 'image_url', image_url: { url } }]);

const FEW_TRIES = { MAX_RETRIES: '0' };

/** Of the first what that door says, of the second that all are closed. */
const twice: Bring = async (relay) => [...(await chat()(relay)), ...(await chat()(relay))];

/** Keys of as many projects, each with this quota; asked once more when some of them are closed. */
const severalKeys = (quota: Quota, count: number): Trouble => {
  const keys = Array.from({ length: count }, (_none, index) => `AQ.key-${index}`);
  const env = { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: keys.map((key, index) => `k${index}=${key}`).join(',') };
  return [
    { door: 'none', env },
    (relay) => {
      for (const key of keys) relay.simulator.apiKeys.set(key, newApiKey(newProject(key, { quota })));
      return twice(relay);
    },
  ];
};

/** How the relay is started, and what is done to it. */
type Trouble = readonly [StartOptions, Bring];

const TROUBLES: readonly Trouble[] = [
  // Credentials and account.
  [{ door: 'none' }, chat()],
  [{ door: 'none', env: { UPSTREAM: 'gemini-api' } }, chat()],
  [{ door: 'none', env: { UPSTREAM: 'vertex' } }, chat()],
  [{ door: 'none', env: { UPSTREAM: 'vertex', GOOGLE_CLOUD_PROJECT: '123456789012' } }, chat()],
  [{ env: { GEMINI_CREDENTIALS: '{"refresh_token": "abc", "client_id"' } }, chat()],
  [{ credentials: '{"refresh_token": "abc",\n"client_id": }' }, chat()],
  [{ credentials: { installed: { client_id: 'a', client_secret: 'b' } } }, chat()],
  [{ credentials: { type: 'service_account', client_email: 'a@b.c', private_key: 'x' } }, chat()],
  [{ env: { GOOGLE_CLOUD_PROJECT: '123456789012' } }, standing('standard-own-project')],
  [{}, standing('standard-own-project')],
  [{}, standing('unsupported-client')],
  [{}, standing('no-licence')],
  [{}, standing('vpc-sc')],
  [{}, meeting(google.validationRequired())],
  [{}, meeting(google.termsViolation())],
  [{}, meeting(google.serviceDisabled())],
  [{}, meeting(google.licenceMissing())],
  [{}, meeting(google.denied())],
  [{ door: 'gemini-api', env: { GEMINI_API_KEY: 'AQ.not-the-right-one' } }, chat()],
  [{ door: 'gemini-api', env: { GEMINI_API_KEY: 'AIza-of-the-old-form' } }, chat()],
  [{ door: 'gemini-api' }, meeting(google.keyLeaked())],
  [{ door: 'gemini-api' }, meeting(google.locationUnsupported())],
  severalKeys({ perDay: 0 }, 2),
  severalKeys({ perMinute: 0 }, 5),
  [{ door: 'none', env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS: 'work=AQ.unknown,home=AQ.unknown-too' } }, twice],
  [{ door: 'none', env: { UPSTREAM: 'gemini-api', GEMINI_API_KEYS_FILE: 'no-such-file' } }, chat()],
  [
    {},
    (relay) => {
      relay.simulator.revokeTokens();
      return chat()(relay);
    },
  ],
  [{ credentials: { access_token: 'ya29.old', expiry_date: 1 } }, (relay) => chat()(relay)],
  ...['invalid_grant', 'invalid_client', 'server_error'].map((error): Trouble => [
    { credentials: { refresh_token: '1//of-somebody', access_token: 'ya29.old', expiry_date: 1 } },
    (relay) => {
      relay.simulator.always('token', google.oauthError(error, 'Bad Request', error === 'server_error' ? 500 : 400));
      return chat()(relay);
    },
  ]),

  // Clients and their requests.
  [
    {},
    async ({ url, post, fetch: withKey }) => {
      const as = (headers: Record<string, string>) => fetch(`${url}/v1/models`, { headers });
      const all = [
        await as({}),
        await as({ authorization: 'Bearer wrong-key-0123456789' }),
        await as({ authorization: `Bearer: ${RELAY_KEY}` }),
        await as({ authorization: RELAY_KEY }),
        await as({ authorization: 'Bearer ' }),
        await as({ authorization: `Basic ${btoa('user:wrong-key-0123456789')}` }),
        await as({ 'x-api-key': 'wrong-key-0123456789' }),
        await post('/v1/chat/completions', ask('x', { model: 'gemini-2.5-flsh' })),
        await post('/v1/chat/completions', ask('x', { model: 'gpt-4o' })),
        await withKey('/v1/models/gpt-4o'),
        await withKey('/v1/chat/completion'),
        await withKey('/v1/chat/completions'),
        await withKey('/v2/models'),
        await post('/v1/messages/batches', {}),
        await post('/v1/chat/completions', '{"model": "gemini-2.5-flash", }'),
        await post('/v1/chat/completions', { model: 'gemini-2.5-flash' }),
        await post('/v1/chat/completions', ask('x', { reasoning_effort: 'ultra' })),
        await post('/v1/chat/completions', { model: 'gemini-2.5-flash', messages: [] }),
        await post('/v1/chat/completions', ask('x', { messages: 'Hello' })),
        await post('/v1/chat/completions', ask('x', { modalities: ['audio'] })),
        await post('/v1/completions', { model: 'gemini-2.5-flash', prompt: [1, 2, 3] }),
        await post('/v1/chat/completions', ask(), { headers: { 'content-encoding': 'gzip' } }),
        await post('/v1/embeddings', { model: 'gemini-embedding-001', input: 'x' }),
        await post('/v1/chat/completions', picture('http://example.org/a.png')),
        await post('/v1/chat/completions', picture('https://127.0.0.1/a.png')),
        await withKey(`/v1/models?x=${'x'.repeat(20_000)}`),
      ];
      for (let count = 0; count < 8; count += 1) all.push(await as({ 'x-api-key': 'wrong-key-0123456789' }));
      return all;
    },
  ],
  [{ env: { FETCH_REMOTE_IMAGES: 'false' } }, chat(picture('https://example.org/a.png'))],
  [{ env: { MAX_BODY_BYTES: '1000' } }, chat(ask('x'.repeat(2000)))],
  [
    { env: { MAX_CONCURRENT_REQUESTS: '1', MAX_QUEUED_REQUESTS: '1', QUEUE_TIMEOUT_MS: '300' } },
    async (relay) => {
      relay.simulator.always('generate', stallBeforeHeaders());
      const leaving = new AbortController();
      const first = relay.post('/v1/chat/completions', ask(), { signal: leaving.signal }).catch(() => undefined);
      await relay.simulator.until(() => relay.simulator.asked('generate').length > 0);
      const second = relay.post('/v1/chat/completions', ask());
      const third = relay.post('/v1/chat/completions', ask());
      const refused = await Promise.all([second, third]);
      leaving.abort();
      await first;
      return refused;
    },
  ],
  [{ env: { REQUEST_TIMEOUT_MS: '300' } }, meeting(stallBeforeHeaders())],

  // Google's answers, and the way to Google.
  [{ env: FEW_TRIES }, meeting(google.perMinuteQuota({ retryDelay: '34s' }))],
  [{ env: FEW_TRIES }, meeting(google.dailyQuota())],
  [{ env: FEW_TRIES }, meeting(google.capacityExhausted())],
  [{ env: FEW_TRIES }, meeting(google.serverError(500))],
  [{}, meeting(google.contextTooLong())],
  [{ env: { ...FEW_TRIES, FIRST_BYTE_TIMEOUT_MS: '300' } }, meeting(stallBeforeHeaders())],
  [{ env: { ...FEW_TRIES, IDLE_TIMEOUT_MS: '300' } }, meeting(stallAfter(1), ask('stream 20 words', { stream: true }))],
  [{ env: FEW_TRIES }, meeting(cutAfter(1), ask('stream 20 words', { stream: true }))],
  [{ env: FEW_TRIES }, chat(ask('say nothing'))],
  [{}, chat(ask('be blocked'))],
  [{ env: FEW_TRIES }, chat(ask('end with MALFORMED_FUNCTION_CALL'))],
  [{ env: { ...FEW_TRIES, CODE_ASSIST_ENDPOINT: 'http://127.0.0.1:1' } }, chat()],
  [
    {
      door: 'gemini-api',
      env: {
        ...FEW_TRIES,
        GEMINI_API_ENDPOINT: 'https://generativelanguage.googleapis.com',
        HTTPS_PROXY: 'http://user:canary@127.0.0.1:1',
      },
    },
    chat(),
  ],
];

const messagesIn = (body: string): string[] =>
  [...body.matchAll(/"message":\s*("(?:[^"\\]|\\.)*")/g)].map(([, json = '""']) => String(JSON.parse(json)));

const stringsIn = (line: string): string[] => {
  try {
    return Object.values(JSON.parse(line) as object).filter((value): value is string => typeof value === 'string');
  } catch {
    return [line];
  }
};

const withFolder = <T>(use: (folder: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-sayings-'));
  const tidy = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const result = use(folder);
  if (result instanceof Promise) return result.finally(tidy) as T;
  tidy();
  return result;
};

const settingsProblems = (): string[] => {
  const wrong: readonly Environment[] = [
    { PORT: '80a' },
    { PORT: '8888 # the port' },
    { HOST: '0.0.0.0' },
    { HOST: '0.0.0.0', GEMINI_AUTH_PASSWORD: '123456' },
    { HOST: '0.0.0.0', GEMINI_AUTH_PASSWORD: 'short' },
    { UPSTREAM: 'gemini' },
    { CODE_ASSIST_ENDPOINT: 'http://example.org' },
    { HTTPS_PROXY: 'ftp://proxy' },
    { GOOGLE_OAUTH_CLIENT_ID: 'x' },
  ];
  const said = wrong.flatMap((env) => {
    try {
      parseConfig(env);
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [];
    }
  });
  return withFolder((folder) => {
    writeFileSync(join(folder, '.env.txt'), '');
    const misplaced = loadEnvironment({}, join(folder, '.env')).warnings;
    writeFileSync(join(folder, '.env'), 'PORT 8889\nGEMINI_API_KY=x\nan idea\nAPI_KEY="open');
    const { mistakes } = loadEnvironment({}, join(folder, '.env'));
    said.push(...mistakes.map(({ what, fix }) => `.env: ${what}. ${fix}`));
    rmSync(join(folder, '.env'));
    mkdirSync(join(folder, '.env'));
    try {
      loadEnvironment({}, join(folder, '.env'));
    } catch (error) {
      if (error instanceof ConfigError) said.push(...error.problems);
    }
    return [...said, ...misplaced, ...parseConfig({ GEMINI_AUTH_PASSWORD: '123456' }).warnings].map((text) =>
      text.replaceAll(`${folder}/`, ''),
    );
  });
};

const withPortTaken = async <T>(use: (port: number) => Promise<T>): Promise<T> => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  try {
    return await use((other.address() as AddressInfo).port);
  } finally {
    other.close();
  }
};

const portInUse = (): Promise<string> =>
  withPortTaken((port) =>
    withFolder(async (folder) => {
      const relay = spawnRelay({ HOME: folder, PORT: String(port) }, folder);
      await relay.ended;
      return relay.output().stderr;
    }),
  );

const CHECK = new URL('../../src/program/node-version.cjs', import.meta.url).pathname;

const oldNode = (): string =>
  withFolder((folder) => {
    const disguise = join(folder, 'disguise.cjs');
    writeFileSync(disguise, "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });");
    return spawnSync(process.execPath, ['-r', disguise, '-r', CHECK, '-e', ''], { encoding: 'utf8' }).stderr;
  });

/** What a first start says. */
const noUpstream = (): Promise<string> =>
  withFolder(async (folder) => {
    const relay = spawnRelay({ HOME: folder, PORT: '0', LOG_FORMAT: 'pretty' }, folder);
    await relay.listening;
    relay.kill();
    await relay.ended;
    return relay.output().stdout;
  });

const LOGIN = new URL('../../scripts/login.ts', import.meta.url).pathname;

/** With what is typed at the terminal, in a folder that holds this login. */
interface Situation {
  readonly input?: string;
  readonly credentials?: unknown;
  readonly env?: Environment;
}

const login = async (args: readonly string[], { input, credentials, env: more }: Situation = {}): Promise<string> => {
  const simulator = await startSimulator();
  try {
    return await withFolder(async (folder) => {
      const options = {
        door: 'none',
        ...(more && { env: more }),
        ...(credentials !== undefined && { credentials }),
      } as const;
      const env = { PATH: process.env['PATH'], ...environmentOf(simulator, folder, options) };
      const child = spawn(process.execPath, [LOGIN, ...args], { cwd: folder, env });
      child.stdin.end(input);
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      await new Promise((resolve) => child.once('close', resolve));
      return output.replaceAll(`${folder}/`, '~/');
    });
  } finally {
    await simulator.close();
  }
};

const loginPortInUse = (): Promise<string> => withPortTaken((port) => login(['--port', String(port)]));

const brokenImport = (): Promise<string> => login(['--import']);

const loginOffline = (): Promise<string> =>
  login([], {
    credentials: { access_token: 'x', refresh_token: 'x', expiry_date: 1 },
    env: { GOOGLE_OAUTH_TOKEN_URL: 'http://127.0.0.1:1/token' },
  });

const rejectedCode = (): Promise<string> => login(['--no-browser', '--port', '0'], { input: '4/0Ab-made-up-code\n' });
