import { createApp } from '../app.ts';
import type { App } from '../app.ts';
import type { OwnerKey } from '../callers/caller.ts';
import type { Config } from '../config.ts';
import { formats } from '../formats/index.ts';
import { openServer } from '../http/server.ts';
import { openConsole } from './console.ts';
import { toUrl } from './greeting.ts';
import { memoryLimits } from './memory-limits.ts';
import { createParts } from '../parts.ts';
import type { Parts, PartsNeeds } from '../parts.ts';

/** A relay that serves. */
export interface Relay {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly app: App;
  readonly parts: Parts;
  /** Lets requests finish within the time, then ends everything that was opened. */
  close(graceMs: number): Promise<void>;
}

export interface RelayNeeds extends PartsNeeds {
  readonly keys: readonly OwnerKey[];
}

const SLOW_READER_MS = 60_000;

/** Config → parts → app → server. Rejects with Node's own error when it cannot listen. */
export const openRelay = async (config: Config, needs: RelayNeeds): Promise<Relay> => {
  const parts = await createParts(config, needs);
  const app = createApp({
    log: parts.log,
    formats,
    formatParts: parts.formatParts,
    keys: needs.keys,
    cors: config.cors,
    trustProxyHops: config.trustProxyHops,
    version: parts.version,
    upstreamName: () => parts.door.name,
    status: parts.door.status,
    doors: () => parts.door.control.states(),
    ledger: parts.ledger,
    clients: parts.clients,
    console: openConsole(config, needs.keys, parts),
    limits: {
      ...config.limits,
      ...memoryLimits(config.limits.maxBodyBytes),
      slowReaderMs: SLOW_READER_MS,
    },
  });
  try {
    const server = await openServer(app, config.listen, parts.formatParts.system);
    void parts.door.ready();
    return {
      url: toUrl(server.host, server.port),
      host: server.host,
      port: server.port,
      app,
      parts,
      close: async (graceMs) => {
        await server.close(graceMs);
        await parts.close();
      },
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
};
