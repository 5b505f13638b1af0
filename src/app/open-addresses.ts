/** What the relay answers before it asks for a key, by its address. */
import type { Context } from 'koa';
import type { Status } from '../health.ts';
import type { createDoorkeeper } from '../http/authenticate.ts';
import { sendFavicon } from '../http/favicon.ts';
import type { Guesses } from '../http/guesses.ts';
import { sendHealth, sendLiveness } from '../http/health-routes.ts';
import { createHome } from '../http/home.ts';
import { publicAddressOf } from '../http/own-address.ts';
import type { PublicRoutes } from '../http/public-routes.ts';
import { METRICS_PATH } from '../metrics/route.ts';
import type { AppParts } from './app-parts.ts';
import { OF_EACH_KEY } from './of-each-key.ts';

/** How the app is, told at these addresses. */
export interface AppState {
  readonly status: () => Status;
  readonly uptimeSeconds: () => number;
  readonly requests: () => { readonly total: number; readonly active: number; readonly queued: number };
  readonly streams: () => number;
}

/** Who asks there needs no key. */
const OPEN = ['/livez', '/health'];

export const openAddresses = (
  parts: AppParts,
  state: AppState,
  { doorkeeper, guesses }: { readonly doorkeeper: ReturnType<typeof createDoorkeeper>; readonly guesses: Guesses },
): PublicRoutes => {
  const { formats, clients, console, metrics, trustProxyHops } = parts;
  const home = createHome(parts.version, clients ? [...formats, OF_EACH_KEY] : formats, OPEN, {
    status: state.status,
    addressOf: (ctx) => publicAddressOf(ctx.req, trustProxyHops),
    hasConsole: console?.isOn === true,
  });
  const health = sendHealth({
    doorkeeper,
    upstream: parts.upstreamName,
    status: state.status,
    details: () => ({
      version: parts.version,
      uptime_seconds: state.uptimeSeconds(),
      requests: state.requests(),
      ...(parts.doors && { doors: parts.doors() }),
      ...(parts.ledger && { store: parts.ledger.status() }),
      ...sharedState(parts.redis?.()),
      ...problemsIn(parts.settingProblems?.()),
    }),
  });
  const open = new Map<string, (ctx: Context) => unknown>([
    ['/', home],
    ['/favicon.ico', sendFavicon],
    ['/livez', sendLiveness],
    ['/health', health],
  ]);
  if (metrics) open.set(METRICS_PATH, metrics.open({ guesses, ...state }));
  return open;
};

/** Requests are answered without it, so that it is told beside the status, and does not change it. */
const sharedState = (redis: { readonly ok: boolean } | null | undefined): object =>
  redis ? { redis: { status: redis.ok ? 'healthy' : 'degraded', ...redis } } : {};

const problemsIn = (problems: readonly object[] = []): object =>
  problems.length > 0 ? { settings: { problems } } : {};
