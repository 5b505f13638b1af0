/** Programs of other people that tests need: started on a free port of loopback, stopped with the test. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Service {
  readonly port: number;
  signal(signal: NodeJS.Signals): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const START_MS = 20_000;

const [FIRST_PORT, PORTS] = [10_000, 20_000];

/** None of those that the system gives to connections and to whoever listens at 0: nobody takes it meanwhile. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = randomInt(FIRST_PORT, FIRST_PORT + PORTS);
    if (await isFree(port)) return port;
  }
};

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** Resolves once `isUp` says so. What the program printed is told when it does not get there. */
export const startService = async (
  command: readonly [string, ...string[]],
  port: number,
  isUp: () => Promise<boolean>,
): Promise<Service> => {
  const [program, ...args] = command;
  // Where Debian has nginx; the path of whoever is not root may lack it.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve();
    });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGINT'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  const until = Date.now() + START_MS;
  while (!(await isUp())) {
    if (failure) throw new Error(`${program} is not here: ${failure.message}`);
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${output}`);
    if (Date.now() > until) {
      await stop('SIGKILL');
      throw new Error(`${program} is not up after ${START_MS} ms: ${output}`);
    }
    await delay(50);
  }
  return {
    port,
    signal: (signal) => {
      child.kill(signal);
    },
    stop,
  };
};

export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
