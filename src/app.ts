import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type * as RouterModule from '@koa/router';
import Koa from 'koa';
import type { Context } from 'koa';
import type { AppParts } from './app/app-parts.ts';
import { openDoorkeeper } from './app/doorkeeper.ts';
import { OF_EACH_KEY, USAGE_PATH } from './app/of-each-key.ts';
import { openAddresses } from './app/open-addresses.ts';
import { OWNER } from './callers/caller.ts';
import { sharedDeadlines } from './engine/deadlines.ts';
import { createJointWork } from './engine/joint-work.ts';
import { createJointWrites } from './engine/joint-writes.ts';
import { createPassingBytes } from './engine/passing-bytes.ts';
import { asTyped, CHECKER } from './health.ts';
import type { Status } from './health.ts';
import { accessLog } from './http/access-log.ts';
import { createAdmission, shuttingDown } from './http/admission.ts';
import { authenticate } from './http/authenticate.ts';
import { createClientErrors } from './http/client-error.ts';
import { chained } from './http/chain.ts';
import { createConnections } from './http/connections.ts';
import { cors, PREFLIGHT } from './http/cors.ts';
import { dialectOf } from './http/dialect.ts';
import type { Dialects } from './http/dialect.ts';
import { createRequestScope } from './http/request-scope.ts';
import { createEndTeller } from './http/ended-request.ts';
import { answer, failures } from './http/failures.ts';
import { gated } from './http/gates.ts';
import { createGuesses } from './http/guesses.ts';
import { createDialectRoutes } from './http/known-routes.ts';
import { createLifetimes } from './http/lifetimes.ts';
import { createMemoryBudget } from './http/memory-budget.ts';
import { notFound } from './http/not-found.ts';
import { publicRoutes } from './http/public-routes.ts';
import { asRewritten, keepPath } from './http/request-target.ts';
import { createRouteName } from './http/route-name.ts';
import { openFrameSession } from './http/sockets/frame-session.ts';
import type { FrameRequest } from './http/sockets/frame-request.ts';
import { ownPages } from './http/sockets/own-pages.ts';
import type { SocketResponse } from './http/sockets/response.ts';
import { createUpgrades } from './http/sockets/upgrades.ts';
import type { SocketRoute } from './http/sockets/upgrades.ts';
import { soundHandshakes, soundRequests } from './http/sound-requests.ts';
import { createWorkMemory } from './http/work-memory.ts';
import type { Served } from './http/server.ts';
import type { RelayError } from './errors.ts';

/** Of a body that is read whole. */
const RECEIVE_TIMEOUT_MS = 120_000;

const DRAINING: Status = { status: 'draining', message: 'The relay is shutting down.' };

export interface App extends Served {
  /** Of the languages that nobody has spoken yet. */
  loadRoutes(): Promise<void>;
  /** Answers the request during which a fault came up that nobody caught. False when there is none. */
  failCurrent(error: RelayError): boolean;
}

const asWritten = (text: string): string => text;

/** Whoever only looks uses nothing. */
const LOOKS: ReadonlySet<string> = new Set([PREFLIGHT, USAGE_PATH]);

/** The owner's diagnosis, which asks Google for nothing. */
const isCheck = ({ state: { caller, record, requestHeaders } }: Context): boolean =>
  caller.id === OWNER && record.tokens.length === 0 && requestHeaders['user-agent'] === CHECKER;

const nobodyLeft = (): Promise<void> => Promise.resolve();

/** Koa with its middleware in order, and what a server needs besides. */
export const createApp = (parts: AppParts): App => {
  const { log, formats, limits, clients, console, metrics, trustProxyHops } = parts;
  const dialects: Dialects = console ? [...formats, console.dialect] : formats;
  const { system } = parts.formatParts;
  const asTypedHere = parts.asTypedHere ?? asWritten;
  const lifetimes = createLifetimes(limits, system);
  const connections = createConnections(system, log, limits.maxConnections);
  const requestScope = createRequestScope();
  const admission = createAdmission(limits, system, metrics?.waited);
  const guesses = createGuesses(system, log, trustProxyHops);
  const doorkeeper = openDoorkeeper(parts, guesses);
  const server = {
    system,
    log,
    connections,
    admission,
    bodies: createMemoryBudget(
      () => limits.maxBodiesBytes,
      () => system.random(),
    ),
    waits: lifetimes.waits,
    workMemory: createWorkMemory(limits.maxWorkBytes, () => limits.queueTimeoutMs, system),
    deadlines: sharedDeadlines(system),
    asTypedHere,
    limits,
    trustProxyHops,
    receiveTimeoutMs: limits.receiveTimeoutMs ?? RECEIVE_TIMEOUT_MS,
    writes: createJointWrites(system),
    streams: { open: 0 },
    passing: createPassingBytes(),
    checkCaller: (ctx: Pick<Context, 'state'>) => {
      doorkeeper.checkAgain(ctx);
    },
    tellLimits: clients?.tellLimits,
  };
  const startedAt = system.monotonic();
  const leaving = { isDraining: false };
  const status = (): Status => asTyped(leaving.isDraining ? DRAINING : parts.status(), asTypedHere);
  const uptimeSeconds = (): number => Math.floor((system.monotonic() - startedAt) / 1000);
  const requests = () => ({ total: lifetimes.total, active: admission.active, queued: admission.queued });
  const streams = (): number => server.streams.open;
  const open = openAddresses(parts, { status, uptimeSeconds, requests, streams }, { doorkeeper, guesses });

  const routes = createDialectRoutes(formats, async (format) => {
    // Its ES module imports node:http, and with that loads Node's own fetch (see `http/server.ts`).
    const { Router } = createRequire(import.meta.url)('@koa/router') as typeof RouterModule;
    const router = new Router();
    await format.mount(router, parts.formatParts);
    // Whatever its client speaks.
    if (clients) router.get(USAGE_PATH, clients.usage);
    return router;
  });
  const routeName = createRouteName([
    ...formats.flatMap(({ endpoints }) => endpoints.map(({ path }) => path)),
    USAGE_PATH,
  ]);

  const koa = new Koa();
  const beginning = { lifetimes, connections, requestScope, leaving, routeName };
  const tellEnd = createEndTeller({
    ledger: parts.ledger,
    count: metrics?.request,
    formatOf: (ctx, { route }) => {
      if (isCheck(ctx)) return undefined;
      if (route !== undefined && (open.has(route) || LOOKS.has(route))) return undefined;
      const { name } = dialectOf(dialects, ctx);
      return name === console?.dialect.name ? undefined : name;
    },
  });
  const begin = accessLog(server, { ...beginning, tellEnd, beginTrace: parts.tracing?.begin });
  koa.use(failures(dialects));
  const consoleGates = console ? [console.open({ guesses, status, uptimeSeconds, requests })] : [];
  const gates = [
    asRewritten,
    soundRequests,
    ...consoleGates,
    cors(parts),
    publicRoutes(open),
    authenticate(doorkeeper),
    admission.enter,
  ];
  koa.use(gated(gates, routes.step));
  const further = [...open.keys()].map((path) => ({ method: 'GET', path }));
  koa.use(notFound(formats, open, routes.methodsAt, clients ? [...OF_EACH_KEY.endpoints, ...further] : further));
  const onerror = function (this: Context, error: unknown): void {
    if (error !== null && error !== undefined) answer(this, dialects, error);
  };
  koa.context.onerror = onerror;
  // Koa's own callback stands around this with a listener for the end of the connection and a writer for `ctx.body`,
  // 5 µs of each request. The log line has the one, `koa-body.ts` the other, and `failures` catches what is thrown.
  const middleware = chained(koa.middleware);
  const serve = (ctx: Context): void => {
    begin(ctx);
    void middleware(ctx, nobodyLeft);
  };
  const arriving = createJointWork(serve);

  /** Of a WebSocket neither is Node's own, and both have all that is used of one. */
  const contextOf = (req: IncomingMessage | FrameRequest, res: ServerResponse | SocketResponse): Context => {
    connections.begin(req.socket);
    return koa.createContext(req as IncomingMessage, res as ServerResponse);
  };
  const frames = formats.map((format): SocketRoute => ({
    claims: (path) => format.owns(path) && format.frames?.(path) === true,
    open: async (ctx, handshake, accept) =>
      openFrameSession(await accept(), handshake, {
        server,
        handle: (req, res) => {
          serve(contextOf(req, res));
        },
        renderError: (error) => format.renderError(error, ctx.state.requestId),
      }),
  }));
  const sockets = formats.flatMap((format) => format.sockets?.(parts.formatParts) ?? []);
  const beginHandshake = accessLog(server, {
    ...beginning,
    // Who is let in, and asks in frames, has asked for nothing yet.
    tellEnd: (ctx, line, ending) => {
      if (ending.status >= 400 || line.model !== undefined) tellEnd(ctx, line, ending);
    },
  });
  const handshakes = chained([failures(dialects), gated([soundHandshakes, ownPages(parts), authenticate(doorkeeper)])]);
  const upgrades = createUpgrades({
    routes: [...frames, ...sockets],
    porch: (ctx, next) => {
      beginHandshake(ctx);
      return handshakes(ctx, next);
    },
    contextOf,
    outlast: lifetimes.outlast,
    maxMessageBytes: () => limits.maxBodyBytes,
  });

  return {
    loadRoutes: routes.openAll,
    connected: (socket) => {
      connections.open(socket);
      socket.on('end', () => {
        lifetimes.halfClosed(socket);
      });
    },
    handle: (req, res) => {
      keepPath(req);
      arriving.add(contextOf(req, res));
    },
    wantsUpgrade: (req) => {
      keepPath(req);
      return upgrades.wants(req);
    },
    upgrade: (req, head) => {
      upgrades.take(req, head);
    },
    clientError: createClientErrors(formats, system, lifetimes.refused),
    leave: () => {
      leaving.isDraining = true;
    },
    drain: (graceMs) => {
      console?.close();
      admission.refuseWaiting(shuttingDown());
      upgrades.drain(graceMs);
    },
    heard: () => connections.heard(),
    abort: () => {
      admission.close(shuttingDown());
      lifetimes.abortAll(shuttingDown());
    },
    idle: async () => {
      // Who has come in this turn is served at its end, or in those that follow.
      do await new Promise(setImmediate);
      while (arriving.isWaiting);
      await Promise.all([lifetimes.idle(), upgrades.idle()]);
    },
    cut: () => {
      upgrades.cut();
    },
    failCurrent: (error) => {
      const ctx = requestScope.current();
      if (ctx) answer(ctx, dialects, error);
      return ctx !== undefined;
    },
  };
};
