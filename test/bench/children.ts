/** Starts what is measured, each in a process of its own, pinned to a core where `taskset` exists. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { cpuMsOf, familyOf, statusKb, sumOf, threadCpuMsOf } from './processes.ts';

export interface Child {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from spawn until `/livez` answered, where it was waited for. */
  readonly startMs: number;
  /** CPU time of all its threads so far, in milliseconds. */
  cpuMs(): number;
  rssKb(): number;
  peakRssKb(): number;
  /** Asks it to end, and waits until it has. */
  end(): Promise<void>;
  stop(): Promise<void>;
}

export const KEY = 'bench-key-of-more-than-sixteen-letters';
const START_LIMIT_MS = 15_000;
const OTHER_START_LIMIT_MS = 120_000;
const ROOT = join(import.meta.dirname, '../..');

const hasTaskset = ((): boolean => {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return availableParallelism() > 1;
  } catch {
    return false;
  }
})();

/** The measured process has a core for itself; the fake and the driver share the other. */
export const MEASURED_CORE = 0;
export const OTHER_CORE = 1;

export const pin = (pid: number, core: number): void => {
  if (hasTaskset) execFileSync('taskset', ['-a', '-p', '-c', String(core), String(pid)], { stdio: 'ignore' });
};

const start = (core: number, args: readonly string[], env: NodeJS.ProcessEnv, ipc: boolean): ChildProcess => {
  const command = hasTaskset ? ['taskset', '-c', String(core), process.execPath, ...args] : [process.execPath, ...args];
  const stdio = ipc ? (['ignore', 'ignore', 'inherit', 'ipc'] as const) : (['ignore', 'ignore', 'inherit'] as const);
  return spawn(command[0] ?? '', command.slice(1), { cwd: ROOT, env, stdio: [...stdio] });
};

const messageOf = <Message>(child: ChildProcess): Promise<Message> =>
  new Promise((resolve, reject) => {
    const gone = (code: number | null): void => {
      reject(new Error(`it ended with code ${code ?? 'none'} before it answered`));
    };
    child.once('exit', gone);
    child.once('message', (message: Message) => {
      child.off('exit', gone);
      resolve(message);
    });
  });

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    probe.on('error', reject);
  });

const untilLive = async (
  url: string,
  child: ChildProcess,
  limitMs = START_LIMIT_MS,
  isLive = (status: number): boolean => status === 200,
): Promise<void> => {
  const deadline = performance.now() + limitMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break;
    try {
      const { statusCode, body } = await request(`${url}/livez`);
      await body.dump();
      if (isLive(statusCode)) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  throw new Error(`${url} did not come up within ${limitMs} ms`);
};

const wrap = (child: ChildProcess, url: string, startMs: number, cleanUp: () => void): Child => {
  const pid = child.pid ?? 0;
  const endWith = async (ask: () => void): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    ask();
    await ended;
    cleanUp();
  };
  return {
    url,
    pid,
    startMs,
    cpuMs: () => sumOf(pid, cpuMsOf),
    rssKb: () => sumOf(pid, (each) => statusKb(each, 'VmRSS')),
    peakRssKb: () => sumOf(pid, (each) => statusKb(each, 'VmHWM')),
    end: () => endWith(() => child.kill('SIGTERM')),
    stop: () =>
      endWith(() => {
        for (const each of familyOf(pid)) process.kill(each, 'SIGKILL');
      }),
  };
};

const nothing = (): void => undefined;

export const startFake = async (): Promise<Child> => {
  const child = start(OTHER_CORE, [join(import.meta.dirname, 'fake-google.ts')], process.env, true);
  return wrap(child, `http://127.0.0.1:${(await messageOf<{ port: number }>(child)).port}`, 0, nothing);
};

export const startPassthrough = async (fakeUrl: string, more: NodeJS.ProcessEnv = {}): Promise<Child> => {
  const port = await freePort();
  const began = performance.now();
  const child = start(
    MEASURED_CORE,
    [join(import.meta.dirname, 'passthrough.ts'), fakeUrl, String(port)],
    { ...process.env, ...more },
    false,
  );
  const url = `http://127.0.0.1:${port}`;
  await untilLive(url, child);
  return wrap(child, url, performance.now() - began, nothing);
};

const BUNDLE = [join(ROOT, 'dist/gemini-cli-relay.cjs'), 'serve'];
/** As `npm start` does. */
const SOURCES = ['-r', './src/program/beginning.cjs', 'src/main.ts'];

/** What is measured is what people run: the file that the package and the image hold. */
export const buildBundle = (): void => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.ts')], { cwd: ROOT, stdio: 'inherit' });
};

/** What a relay needs to serve, with all that it writes in this folder. */
const environmentIn = (folder: string, fakeUrl: string, port: number): NodeJS.ProcessEnv => {
  const credentials = join(folder, 'oauth_creds.json');
  const token = { access_token: 'bench-token', refresh_token: 'bench-refresh', expiry_date: Date.now() + 3_600_000 };
  writeFileSync(credentials, JSON.stringify(token), { mode: 0o600 });
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    PORT: String(port),
    GEMINI_AUTH_PASSWORD: KEY,
    UPSTREAM: 'code-assist',
    GOOGLE_APPLICATION_CREDENTIALS: credentials,
    GOOGLE_OAUTH_TOKEN_URL: `${fakeUrl}/token`,
    CODE_ASSIST_ENDPOINT: fakeUrl,
    GEMINI_API_ENDPOINT: fakeUrl,
    LOG_FORMAT: 'json',
  };
};

/** The relay as shipped, with authentication, validation, limits, its log, its store and its metrics. */
export const startRelay = async (
  fakeUrl: string,
  from: 'bundle' | 'sources' = 'bundle',
  more: NodeJS.ProcessEnv = {},
): Promise<Child> => {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'relay-bench-'));
  const env = { ...environmentIn(folder, fakeUrl, port), ...more };
  const began = performance.now();
  const child = start(MEASURED_CORE, from === 'bundle' ? BUNDLE : SOURCES, env, false);
  const url = `http://127.0.0.1:${port}`;
  await untilLive(url, child);
  const startMs = performance.now() - began;
  return wrap(child, url, startMs, () => {
    rmSync(folder, { recursive: true, force: true });
  });
};

export interface Sibling {
  readonly url: string;
  /** Of a client with every limit, and none of them in its way. */
  readonly limitedKey: string | undefined;
}

export interface Siblings {
  readonly relays: readonly Sibling[];
  /** Of the thread that serves, in milliseconds. */
  mainCpuMs(): number;
  /** Resolves when what waits for the database is written. */
  write(): Promise<void>;
  stop(): Promise<void>;
}

/** Relays with these settings in one process: the same compiled code serves them, and one thread. */
export const startSiblings = async (
  fakeUrl: string,
  settings: readonly Readonly<Record<string, string>>[],
): Promise<Siblings> => {
  const folders = settings.map(() => mkdtempSync(join(tmpdir(), 'relay-bench-')));
  const environments = settings.map((own, at) => ({ ...environmentIn(folders[at] ?? '', fakeUrl, 0), ...own }));
  const script = join(import.meta.dirname, 'siblings.ts');
  const child = start(MEASURED_CORE, [script, JSON.stringify(environments)], process.env, true);
  const { relays } = await messageOf<Pick<Siblings, 'relays'>>(child);
  const pid = child.pid ?? 0;
  return {
    relays,
    mainCpuMs: () => threadCpuMsOf(pid, pid),
    write: async () => {
      const written = messageOf(child);
      child.send('write');
      await written;
    },
    stop: () =>
      wrap(child, '', 0, () => {
        for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      }).stop(),
  };
};

/** Any other relay, by the command that starts it; it tells by its environment where it finds Google, and with which key. */
export const startOther = async (command: string, port: number, fakeUrl: string): Promise<Child> => {
  const folder = mkdtempSync(join(tmpdir(), 'other-bench-'));
  const env = { ...process.env, HOME: folder, BENCH_GOOGLE_URL: fakeUrl, BENCH_KEY: KEY };
  const began = performance.now();
  const shell = spawn('/bin/sh', ['-c', `exec ${onCore(MEASURED_CORE)}${command}`], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await untilLive(url, shell, OTHER_START_LIMIT_MS, () => true);
  return wrap(shell, url, performance.now() - began, () => {
    rmSync(folder, { recursive: true, force: true });
  });
};

const onCore = (core: number): string => (hasTaskset ? `taskset -c ${core} ` : '');

export const statsOf = async (fake: Child): Promise<{ calls: number; discoveries: number; openStreams: number }> => {
  const { body } = await request(`${fake.url}/stats`);
  return (await body.json()) as { calls: number; discoveries: number; openStreams: number };
};
