import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { freePort, listens, startService } from './service.ts';

export interface Redis {
  readonly port: number;
  readonly url: string;
  /** By a connection of its own. */
  ask(...words: readonly string[]): Promise<unknown>;
  /** It takes connections and says nothing. */
  hang(): void;
  wake(): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * A server of the test's own, that keeps nothing. Where that is allowed it goes before all else on this machine: to a relay
 * it is away when it says nothing for some milliseconds, and one that only waits for its turn would be.
 */
export const startRedis = async (
  options: { readonly port?: number; readonly args?: readonly string[] } = {},
): Promise<Redis> => {
  const folder = mkdtempSync(join(tmpdir(), 'redis-'));
  const port = options.port ?? (await freePort());
  const { args = [] } = options;
  const service = await startService(
    [
      'nice',
      '-n',
      '-10',
      'redis-server',
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      folder,
      ...args,
    ],
    port,
    () => listens(port),
  );
  const url = `redis://127.0.0.1:${port}`;
  return {
    port,
    url,
    ask: async (...words) => {
      const client = createClient({ url, socket: { reconnectStrategy: false } });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return await client.sendCommand(words);
      } finally {
        client.destroy();
      }
    },
    hang: () => {
      service.signal('SIGSTOP');
    },
    wake: () => {
      service.signal('SIGCONT');
    },
    stop: async (signal = 'SIGKILL') => {
      await service.stop(signal);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
