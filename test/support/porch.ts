import type { ClientFormat, FormatParts } from '../../src/formats/format.ts';
import { createApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import type { AppParts } from '../../src/app/app-parts.ts';
import { openServer } from '../../src/http/server.ts';
import type { ListenSettings } from '../../src/http/server.ts';
import { createLogger } from '../../src/log.ts';
import { createRedactor } from '../../src/redactor.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';

export const KEY = 'the-key-of-these-tests-0123456789';

/** A family of clients that says errors plainly, so that the porch can be looked at without any real format. */
export const plainFormat = (
  name: string,
  prefix: string,
  mount: ClientFormat['mount'] = () => undefined,
): ClientFormat => ({
  name,
  title: `The ${name} API`,
  base: prefix,
  endpoints: [{ method: 'GET', path: `${prefix.replace(/\/$/, '')}/things`, name: 'things', does: 'things' }],
  owns: (path) => path.startsWith(prefix) && !path.startsWith('/v1/shared'),
  speaks: (headers) => headers['x-speaks'] === name,
  mount,
  renderError: (error) => ({
    status: error.status,
    headers: {
      ...error.headers,
      ...(error.retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
    },
    body: JSON.stringify({ family: name, code: error.code, reason: error.reason, message: error.message }),
  }),
});

export interface Porch {
  readonly url: string;
  readonly port: number;
  readonly app: App;
  /** Log lines so far, as they were written. */
  readonly lines: string[];
  /** The log as values. */
  entries(message?: string): Record<string, unknown>[];
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(graceMs?: number): Promise<void>;
}

export interface PorchOptions extends Partial<Omit<AppParts, 'limits' | 'formatParts' | 'log'>> {
  readonly limits?: Partial<AppParts['limits']>;
  readonly mount?: ClientFormat['mount'];
  readonly listen?: Partial<ListenSettings>;
  readonly system?: System;
}

/** The porch with one address of your own (`mount`), on a real port. */
export const openPorch = async (options: PorchOptions = {}): Promise<Porch> => {
  const { limits, mount, listen, system = createSystem(), ...rest } = options;
  const lines: string[] = [];
  const log = createLogger(
    { level: 'debug', format: 'json' },
    { redactor: createRedactor([KEY]), system, write: (line) => lines.push(line) },
  );
  const app = createApp({
    log,
    formats: [plainFormat('first', '/v1/', mount), plainFormat('second', '/v1beta')],
    // No format of these tests reaches for models.
    formatParts: { system, heartbeatMs: 15_000, keepResponsesMs: 0 } as FormatParts,
    keys: [{ name: 'TEST_KEY', value: KEY }],
    cors: '*',
    trustProxyHops: 0,
    version: '1.2.3',
    upstreamName: () => 'code-assist',
    status: () => ({ status: 'healthy', message: 'Ready.', details: { credentials: { source: 'file' } } }),
    limits: {
      maxBodyBytes: 1_000_000,
      maxBodiesBytes: 4_000_000,
      maxWorkBytes: 500_000_000,
      maxUnreadBytes: 100_000_000,
      maxConcurrentRequests: 16,
      maxQueuedRequests: 16,
      queueTimeoutMs: 5000,
      requestTimeoutMs: 60_000,
      slowReaderMs: 60_000,
      maxConnections: 1000,
      ...limits,
    },
    ...rest,
  });
  const server = await openServer(app, { host: '127.0.0.1', port: 0, ...listen }, system);
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    port: server.port,
    app,
    lines,
    entries: (message) =>
      lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((entry) => message === undefined || entry['message'] === message),
    fetch: (path, init = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${KEY}`, ...(init.headers as Record<string, string> | undefined) },
      }),
    close: (graceMs = 0) => server.close(graceMs),
  };
};
