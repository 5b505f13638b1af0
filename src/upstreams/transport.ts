/** How the relay reaches the outside: undici, kept-alive connections, proxies, time limits. Knows no Google. */
import type { Dispatcher, Pool as UndiciPool } from 'undici';
import { sharedDeadlines } from '../engine/deadlines.ts';
import type { Timing } from '../engine/deadlines.ts';
import { leanConnector } from '../engine/lean-sockets.ts';
import { createMemo } from '../engine/memo.ts';
import type { WrittenBody } from '../engine/payloads.ts';
import { Agent, Pool, wholeUndici } from '../engine/undici.ts';
import { socksLogin, withoutLogin } from '../proxy-address.ts';
import { createArrivingRoom } from './arriving.ts';
import { exchange } from './exchange.ts';
import type { Exchange, Method } from './dispatch.ts';
import type { Reply } from './reply.ts';
import { upgrade } from './upgrade.ts';
import type { Upgraded } from './upgrade.ts';

export type { Reply } from './reply.ts';

export interface TransportSettings {
  readonly httpsProxy: string | undefined;
  readonly httpProxy: string | undefined;
  readonly noProxy: string | undefined;
  readonly userAgent: string;
  /** The three times are read with each request: they may change. */
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** What is held of answers until the rest comes, of all together. */
  readonly maxArrivingBytes?: number | undefined;
}

export interface Outgoing {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export type Body = WrittenBody | AsyncIterable<Buffer>;

/** Every answer is a Reply, whatever its status; a network failure is a RelayError, an abort the signal's reason. */
export interface Transport {
  post(url: string, request: Outgoing & { readonly body: WrittenBody }): Promise<Reply>;
  get(url: string, request: Outgoing): Promise<Reply>;
  /** With any method; a body that comes in pieces is sent at the pace at which it is taken, and never again. */
  send(method: Method, url: string, request: Outgoing & { readonly body?: Body | undefined }): Promise<Reply>;
  /** Asks to go on in another protocol. */
  upgrade(url: string, protocol: string, request: Outgoing): Promise<Upgraded | Reply>;
  /** For libraries that bring their own requests. Follows no redirects. */
  readonly fetch: typeof fetch;
  readonly dispatcher: Dispatcher;
  /** How many are open to each origin; behind a proxy nobody knows. */
  connections(): Iterable<readonly [origin: string, open: number]>;
  close(): Promise<void>;
}

/** Below what Google's front ends keep: an idle connection is ours to close, not theirs in the middle of a request. */
const KEEP_ALIVE_MS = 60_000;
const MOST_ARRIVING_BYTES = 256 * 1024 * 1024;
const MOST_ADDRESSES = 256;
const LONGEST_ADDRESS = 512;

interface Address {
  readonly connections: Dispatcher;
  readonly url: URL;
  readonly origin: string;
  readonly path: string;
}

export const createTransport = (
  settings: TransportSettings,
  timing: Timing,
  /** What each request has besides, where there is anything. */
  further?: () => Readonly<object> | undefined,
): Transport => {
  const clock = sharedDeadlines(timing);
  let firstByte = clock(settings.firstByteTimeoutMs);
  let idle = clock(settings.idleTimeoutMs);
  const room = createArrivingRoom(settings.maxArrivingBytes ?? MOST_ARRIVING_BYTES);
  const proxied = settings.httpsProxy ?? settings.httpProxy;
  const openDispatcher = (): Dispatcher =>
    proxied === undefined
      ? new Agent(connectionOptions(settings))
      : createProxied(settings, connectionOptions(settings));
  /** For who holds it from the start on. */
  const dispatcher = openDispatcher();
  let sending = dispatcher;
  let { connectTimeoutMs } = settings;

  /** Of each origin its own: undici's agent would put a key together for each request, to find the same pool. */
  const pools = new Map<string, UndiciPool>();
  const connectionsTo = (origin: string): Dispatcher => {
    if (proxied !== undefined) return sending;
    const pool =
      pools.get(origin) ??
      new Pool(origin, {
        ...connectionOptions(settings),
        connect: leanConnector({ timeout: settings.connectTimeoutMs }),
      });
    pools.set(origin, pool);
    return pool;
  };

  /** The addresses of Google's methods are few, and reading one costs more than finding it again. */
  let addresses = createMemo<Address>(MOST_ADDRESSES, LONGEST_ADDRESS);
  const readAddress = (text: string): Address => {
    const url = new URL(text);
    const { origin } = url;
    return { connections: connectionsTo(origin), url, origin, path: url.pathname + url.search };
  };
  const addressOf = (text: string): Address => addresses.get(text) ?? addresses.keep(text, readAddress(text));

  /** Connections know the time that they may take from when they were made: with another time come others. */
  const renew = (): void => {
    ({ connectTimeoutMs } = settings);
    // What is under way on the former ones goes on.
    for (const pool of pools.values()) void pool.close();
    pools.clear();
    addresses = createMemo(MOST_ADDRESSES, LONGEST_ADDRESS);
    if (proxied === undefined) return;
    if (sending !== dispatcher) void sending.close();
    sending = openDispatcher();
  };

  /** Those who ask again and again with the same headers bring the same object. */
  const completed = new WeakMap<Outgoing['headers'], Outgoing['headers']>();
  const complete = (headers: Outgoing['headers']): Outgoing['headers'] => {
    // Only identity is asked for: a compressing front end holds back the events of a stream.
    const all = { 'user-agent': settings.userAgent, 'accept-encoding': 'identity', ...headers };
    completed.set(headers, all);
    return all;
  };

  const withFurther = (headers: Outgoing['headers'], more: Readonly<object> | undefined): Outgoing['headers'] =>
    more === undefined ? headers : { ...headers, ...more };

  const proxy = proxied === undefined ? undefined : withoutLogin(proxied);

  const prepare = (
    method: Method,
    { url, origin, path }: Address,
    request: Outgoing & { readonly body?: Body | undefined },
  ): Exchange => {
    const headers = completed.get(request.headers) ?? complete(request.headers);
    if (firstByte.limitMs !== settings.firstByteTimeoutMs) firstByte = clock(settings.firstByteTimeoutMs);
    if (idle.limitMs !== settings.idleTimeoutMs) idle = clock(settings.idleTimeoutMs);
    return {
      method,
      url,
      origin,
      path,
      headers: further ? withFurther(headers, further()) : headers,
      body: request.body,
      signal: request.signal,
      firstByte,
      idle,
      proxy,
      room,
    };
  };

  const send = (
    method: Method,
    text: string,
    request: Outgoing & { readonly body?: Body | undefined },
  ): Promise<Reply> => {
    if (connectTimeoutMs !== settings.connectTimeoutMs) renew();
    const address = addressOf(text);
    return exchange(address.connections, prepare(method, address, request));
  };

  return {
    post: (url, request) => send('POST', url, request),
    get: (url, request) => send('GET', url, request),
    send,
    upgrade: (url, protocol, request) => {
      if (connectTimeoutMs !== settings.connectTimeoutMs) renew();
      const address = addressOf(url);
      return upgrade(address.connections, prepare('GET', address, request), protocol);
    },
    fetch: ((input: never, init?: RequestInit) =>
      wholeUndici().fetch(input, { ...(init as object), dispatcher, redirect: 'manual' })) as unknown as typeof fetch,
    dispatcher,
    connections: () => Array.from(pools, ([origin, { stats }]) => [origin, stats.connected] as const),
    close: async () => {
      await Promise.all([dispatcher, sending, ...pools.values()].map((each) => each.destroy()));
    },
  };
};

const connectionOptions = (settings: TransportSettings): UndiciPool.Options => ({
  // One request at a time on a connection, and as many connections as there are open streams: a long answer must not
  // stand before a short one. HTTP/2 costs four times the CPU of this.
  pipelining: 1,
  allowH2: false,
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: settings.firstByteTimeoutMs,
  bodyTimeout: settings.idleTimeoutMs,
  connect: { timeout: settings.connectTimeoutMs },
});

const createProxied = (settings: TransportSettings, options: UndiciPool.Options): Dispatcher => {
  const { EnvHttpProxyAgent } = wholeUndici();
  return new EnvHttpProxyAgent({
    ...options,
    connectTimeout: settings.connectTimeoutMs,
    ...socksLogin(settings.httpsProxy, settings.httpProxy),
    // Undici hands on nothing but `connect`, and would wait for an answer to CONNECT for five minutes.
    clientFactory: (proxy, toProxy) => new Pool(proxy, { ...toProxy, headersTimeout: settings.connectTimeoutMs }),
    // Empty rather than absent: for what is absent undici looks into the environment itself.
    httpProxy: settings.httpProxy ?? '',
    httpsProxy: settings.httpsProxy ?? '',
    noProxy: settings.noProxy ?? '',
  });
};
