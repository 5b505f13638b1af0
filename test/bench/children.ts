/** Starts what is measured, each in a process of its own, pinned to a core where `taskset` exists. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';

export interface Child {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from spawn until `/livez` answered, where it was waited for. */
  readonly startMs: number;
  /** CPU time of all its threads so far, in milliseconds. */
  cpuMs(): number;
  rssKb(): number;
  peakRssKb(): number;
  stop(): Promise<void>;
}

export const KEY = 'bench-key-of-more-than-sixteen-letters';
const START_LIMIT_MS = 15_000;
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

const portOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('message', (message: { port: number }) => {
      resolve(message.port);
    });
    child.once('exit', (code) => {
      reject(new Error(`it ended with code ${code ?? 'none'} before it listened`));
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

const untilLive = async (url: string, child: ChildProcess): Promise<void> => {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break;
    try {
      const { statusCode, body } = await request(`${url}/livez`);
      await body.dump();
      if (statusCode === 200) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  throw new Error(`${url} did not come up within ${START_LIMIT_MS} ms`);
};

/** Nanoseconds on a core, per thread, from the kernel's scheduler: finer than the ticks of /proc/PID/stat. */
const cpuMsOf = (pid: number): number => {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  }
  return ns / 1e6;
};

const statusKb = (pid: number, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);

const wrap = (child: ChildProcess, url: string, startMs: number, cleanUp: () => void): Child => {
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    startMs,
    cpuMs: () => cpuMsOf(pid),
    rssKb: () => statusKb(pid, 'VmRSS'),
    peakRssKb: () => statusKb(pid, 'VmHWM'),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      cleanUp();
    },
  };
};

const nothing = (): void => undefined;

export const startFake = async (): Promise<Child> => {
  const child = start(OTHER_CORE, [join(import.meta.dirname, 'fake-google.ts')], process.env, true);
  return wrap(child, `http://127.0.0.1:${await portOf(child)}`, 0, nothing);
};

export const startPassthrough = async (fakeUrl: string): Promise<Child> => {
  const port = await freePort();
  const began = performance.now();
  const child = start(
    MEASURED_CORE,
    [join(import.meta.dirname, 'passthrough.ts'), fakeUrl, String(port)],
    process.env,
    false,
  );
  const url = `http://127.0.0.1:${port}`;
  await untilLive(url, child);
  return wrap(child, url, performance.now() - began, nothing);
};

/** The relay as shipped: `node src/main.ts`, with authentication, validation, limits and its log. */
export const startRelay = async (fakeUrl: string): Promise<Child> => {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'relay-bench-'));
  const credentials = join(folder, 'oauth_creds.json');
  const token = { access_token: 'bench-token', refresh_token: 'bench-refresh', expiry_date: Date.now() + 3_600_000 };
  writeFileSync(credentials, JSON.stringify(token), { mode: 0o600 });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    PORT: String(port),
    GEMINI_AUTH_PASSWORD: KEY,
    UPSTREAM: 'code-assist',
    GOOGLE_APPLICATION_CREDENTIALS: credentials,
    GOOGLE_OAUTH_TOKEN_URL: `${fakeUrl}/token`,
    CODE_ASSIST_ENDPOINT: fakeUrl,
    MAX_CONCURRENT_REQUESTS: '2048',
    LOG_FORMAT: 'json',
  };
  const began = performance.now();
  const child = start(MEASURED_CORE, ['src/main.ts'], env, false);
  const url = `http://127.0.0.1:${port}`;
  await untilLive(url, child);
  const startMs = performance.now() - began;
  return wrap(child, url, startMs, () => {
    rmSync(folder, { recursive: true, force: true });
  });
};

export const statsOf = async (fake: Child): Promise<{ calls: number; discoveries: number; openStreams: number }> => {
  const { body } = await request(`${fake.url}/stats`);
  return (await body.json()) as { calls: number; discoveries: number; openStreams: number };
};
