import { createApp } from '../../src/app.ts';
import type { AppParts } from '../../src/app/app-parts.ts';
import { parseConfig } from '../../src/config.ts';
import { formats } from '../../src/formats/index.ts';
import { openServer } from '../../src/http/server.ts';
import { createParts } from '../../src/parts.ts';
import { createRedactor } from '../../src/redactor.ts';
import { createSystem } from '../../src/system.ts';
import { environmentOf } from './relay.ts';
import type { TestRelay } from './relay.ts';

export interface LimitedRelay {
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Another relay before the same simulator, with limits that no variable sets: a minute is too long for a test. */
export const openLimited = async (
  { simulator, folder }: Pick<TestRelay, 'simulator' | 'folder'>,
  limits: Partial<AppParts['limits']>,
): Promise<LimitedRelay> => {
  const config = parseConfig(environmentOf(simulator, folder));
  const system = createSystem();
  const parts = await createParts(config, {
    system,
    redactor: createRedactor(),
    write: () => undefined,
    logFormat: 'json',
    colors: false,
  });
  const app = createApp({
    ...parts,
    formats,
    keys: config.keys,
    cors: config.cors,
    trustProxyHops: 0,
    upstreamName: () => parts.door.name,
    status: parts.door.status,
    limits: {
      ...config.limits,
      maxBodiesBytes: 1_000_000,
      maxWorkBytes: 10_000_000,
      maxUnreadBytes: 10_000_000,
      slowReaderMs: 60_000,
      ...limits,
    },
  });
  const server = await openServer(app, { host: '127.0.0.1', port: 0 }, system);
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    close: async () => {
      await server.close(0);
      await parts.close();
    },
  };
};
