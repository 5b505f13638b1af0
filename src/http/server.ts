import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { System } from '../system.ts';
import { noProxy } from './client-error.ts';
import { upgradeOptions } from './sockets/choice.ts';

const MAX_HEADER_BYTES = 16_384;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
/** How often slow requests are looked for: a limit is kept to within this. */
const TIMEOUT_CHECK_MS = 1000;
/** For error frames of the last requests to reach their clients. */
const LAST_WORDS_MS = 1000;
/** On a connection that was taken at the last moment. */
const FIRST_WORDS_MS = 500;
/** For a turn of the event loop in which nobody comes. */
const QUIET_WITHIN_MS = 80;
const QUIET_TURN_MS = 0.5;

/** What a server serves; `createApp` makes one. */
export interface Served {
  connected(socket: Socket): void;
  readonly handle: (req: IncomingMessage, res: ServerResponse) => void;
  clientError(error: Error, socket: Duplex): void;
  /** Whether a request for a WebSocket is served as one; all others are ordinary requests. */
  wantsUpgrade(req: IncomingMessage): boolean;
  upgrade(req: IncomingMessage, head: Buffer): void;
  /** From now on it says that it is about to go, and serves as before. */
  leave(): void;
  /** From now on nobody waits here for a place. In `graceMs` at the latest what goes on is ended. */
  drain(graceMs: number): void;
  /** Resolves when each connection has asked its first question, or is gone. */
  heard(): Promise<void>;
  /** Ends what is still going on. */
  abort(): void;
  /** Resolves when no request is open, and no WebSocket. */
  idle(): Promise<void>;
  /** Ends what has not ended by itself. */
  cut(): void;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** Takes no new connections after `noticeMs`, lets requests finish within the time, ends the rest. */
  close(graceMs: number, noticeMs?: number): Promise<void>;
}

export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  readonly headersTimeoutMs?: number;
  /** Its ways, where they are not those of the Node that runs. */
  readonly nodeVersion?: string;
}

/** Rejects with Node's own error (EADDRINUSE, EACCES, …) when it cannot listen. */
export const openServer = async (served: Served, settings: ListenSettings, system: System): Promise<RunningServer> => {
  // Not by a static import: that asks the module for all it exports, and with them loads Node's own fetch and WebSocket,
  // which nobody needs here.
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: settings.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
    // Files take as long as they take: who reads a body says how long it may (`body.ts`, `body-pieces.ts`).
    requestTimeout: 0,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    ...upgradeOptions((req) => served.wantsUpgrade(req), settings.nodeVersion),
    noDelay: true,
    // `sound-requests.ts` says it with the headers of every answer.
    requireHostHeader: false,
  });
  // `sound-requests.ts` answers too many headers; the parser would drop some and go on.
  server.maxHeadersCount = 0;
  // Who has closed one half may wait for the answer (`half-closed.ts`). Node has it as a property that its types lack.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('request', served.handle);
  // Whoever asks before sending a body is told to go on only when the body is read.
  server.on('checkContinue', served.handle);
  server.on('checkExpectation', served.handle);
  server.on('upgrade', (req, _socket, head) => {
    served.upgrade(req, head);
  });
  let arrived = 0;
  server.on('connection', (socket: Socket) => {
    arrived += 1;
    served.connected(socket);
  });
  server.on('clientError', (error, socket) => {
    served.clientError(error, socket);
  });
  server.on('connect', (_req, socket) => {
    served.clientError(noProxy(), socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => {
      server.off('error', reject);
      resolve();
    });
  });

  /**
   * Who has been taken by the system and not yet by this process would be cut off with its question: so after a turn of
   * the event loop in which nobody came, and that was over at once.
   */
  const stopListening = async (): Promise<void> => {
    const until = system.monotonic() + QUIET_WITHIN_MS;
    let seen = -1;
    let now = system.monotonic();
    for (let before = -Infinity; now < until && (seen !== arrived || now - before > QUIET_TURN_MS);) {
      [seen, before] = [arrived, now];
      await new Promise(setImmediate);
      now = system.monotonic();
    }
    // Not the HTTP server's own close: that would also end idle connections, on which /health still answers.
    NetServer.prototype.close.call(server);
  };

  const close = async (graceMs: number, noticeMs = 0): Promise<void> => {
    served.leave();
    if (noticeMs > 0) await system.sleep(noticeMs);
    served.drain(graceMs);
    await stopListening();
    await Promise.race([served.heard(), system.sleep(Math.min(graceMs, FIRST_WORDS_MS))]);
    await Promise.race([served.idle(), system.sleep(graceMs)]);
    served.abort();
    await Promise.race([served.idle(), system.sleep(LAST_WORDS_MS)]);
    server.closeAllConnections();
    served.cut();
    // What they have used is told when each is closed.
    await Promise.race([served.idle(), system.sleep(LAST_WORDS_MS)]);
  };

  const { address, port } = server.address() as AddressInfo;
  return { host: address, port, close };
};
