import { createApp } from '../app.ts';
import type { App } from '../app.ts';
import type { OwnerKey } from '../callers/caller.ts';
import { formats } from '../formats/index.ts';
import { openServer } from '../http/server.ts';
import { openConsole } from './console.ts';
import { openFoundation } from './foundation.ts';
import { toUrl } from './greeting.ts';
import { openMetrics } from './metrics.ts';
import { openQuota } from './quota.ts';
import { memoryLimits } from './memory-limits.ts';
import { connectionLimit } from './open-files.ts';
import { loadWinston } from '../log.ts';
import { createParts } from '../parts.ts';
import type { Parts } from '../parts.ts';
import type { PartsNeeds } from '../parts/ground.ts';
import { besides } from '../settings/live.ts';
import type { Settings } from '../settings/settings.ts';
import { commandsHere } from '../terminal/commands-here.ts';
import type { Place } from '../terminal/commands-here.ts';
import type { Written } from '../settings/written.ts';

/** A relay that serves. */
export interface Relay {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly app: App;
  readonly parts: Parts;
  readonly settings: Settings;
  /** Until then nobody can look into what it keeps. Not waited for by what must be there as soon as the relay lives. */
  readonly storeTried: Promise<void>;
  /** What first requests would load: for when nobody waits for the start any more. */
  loadRest(): void;
  /** Serves on for `noticeMs`, lets requests finish within the time, then ends everything that was opened. */
  close(graceMs: number, noticeMs?: number): Promise<void>;
}

export interface RelayNeeds extends PartsNeeds {
  readonly keys: readonly OwnerKey[];
  /** How its commands are typed; in a checkout where nothing is said. */
  readonly place?: Place;
}

const SLOW_READER_MS = 60_000;
/** For a database that is new and cannot be made. */
const LONGEST_WAIT_MS = 3000;
/** Whoever waits for it to live has looked by then, and few have asked for anything. */
const LOAD_ROUTES_AFTER_MS = 100;

/** Settings → parts → app → server. Rejects with Node's own error when it cannot listen. */
export const openRelay = async (written: Written, needs: RelayNeeds): Promise<Relay> => {
  const { place = 'folder' } = needs;
  const asTypedHere = (text: string): string => commandsHere(text, place);
  const { settings, ground } = await openFoundation(written, { ...needs, asTypedHere });
  const { config } = settings;
  const memory = memoryLimits(config.limits.maxBodyBytes);
  // As much for what comes as for what waits to be taken.
  const parts = await createParts(config, { ...needs, maxArrivingBytes: memory.maxUnreadBytes }, ground);
  const quota = openQuota(parts);
  const app = createApp({
    log: parts.log,
    formats,
    formatParts: parts.formatParts,
    keys: needs.keys,
    get cors() {
      return config.cors;
    },
    trustProxyHops: config.trustProxyHops,
    version: parts.version,
    upstreamName: () => parts.door.name,
    status: parts.door.status,
    doors: () => parts.door.control.states(),
    ledger: parts.ledger,
    redis: parts.redis,
    clients: parts.clients,
    asTypedHere,
    settingProblems: () => settings.problems(),
    console: openConsole(settings, needs.keys, parts, quota),
    tracing: parts.tracing,
    metrics: openMetrics(config, needs.keys, parts, quota),
    limits: besides(config.limits, {
      ...memory,
      slowReaderMs: SLOW_READER_MS,
      maxConnections: connectionLimit(),
      /** A body that may come finds room. */
      get maxBodiesBytes() {
        return Math.max(memory.maxBodiesBytes, config.limits.maxBodyBytes);
      },
    }),
  });
  try {
    const server = await openServer(app, config.listen, parts.formatParts.system);
    void parts.door.ready();
    ground.store.begin();
    const closing = new AbortController();
    return {
      url: toUrl(server.host, server.port),
      host: server.host,
      port: server.port,
      app,
      parts,
      settings,
      storeTried: Promise.race([ground.store.opened(), parts.formatParts.system.sleep(LONGEST_WAIT_MS)]),
      loadRest: () => void loadLater(app, parts, closing.signal),
      close: async (graceMs, noticeMs) => {
        closing.abort();
        await server.close(graceMs, noticeMs);
        settings.close();
        await parts.close();
      },
    };
  } catch (error) {
    settings.close();
    // Its writers wait at their end until it was tried to open it.
    ground.store.begin();
    await parts.close();
    throw error;
  }
};

/** The first request of a language need not wait for it; one that comes sooner loads it itself. */
const loadLater = async (app: App, { log, formatParts: { system } }: Parts, closing: AbortSignal): Promise<void> => {
  try {
    await system.sleep(LOAD_ROUTES_AFTER_MS, closing);
    await app.loadRoutes();
    loadWinston();
  } catch (error) {
    if (!closing.aborted) log.error('routes cannot be loaded', { error });
  }
};
