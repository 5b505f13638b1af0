import type Router from '@koa/router';
import type { Layer, RouterContext } from '@koa/router';
import type { Next } from 'koa';
import { late } from '../late.ts';
import { createMemo } from '../engine/memo.ts';
import type { Memo } from '../engine/memo.ts';
import { chained } from './chain.ts';
import type { Step } from './chain.ts';
import { dialectOf, ownerOf } from './dialect.ts';
import type { Dialect, Dialects } from './dialect.ts';

const MOST_KNOWN = 512;
const LONGEST_KNOWN = 256;

/** What a router does at an address. */
type Way = Step<RouterContext>;

const wayIn = (router: Router, method: string, path: string): Way | undefined => {
  const { route, pathAndMethod } = router.match(path, method);
  if (!route) return undefined;
  const [only, ...others] = pathAndMethod.flatMap((layer) => stepsOf(layer, path));
  return only && others.length > 0 ? chained([only, ...others]) : only;
};

/** The routes of all dialects. */
export interface DialectRoutes {
  /** Takes each request to the routes of its dialect. */
  readonly step: Step<RouterContext>;
  /** The methods at an address of a dialect that has had a request, for those who came with another. */
  readonly methodsAt: (dialect: Dialect, path: string) => readonly string[];
  /** Mounts those that have had no request. */
  readonly openAll: () => Promise<void>;
}

/** What is known of an address: where it leads to in each dialect, and whether it is one dialect's alone. */
interface Address {
  readonly owner: Dialect | undefined;
  readonly ways: Map<Dialect, Way>;
}

/** `mount` is called for a dialect once, by its first request. */
export const createDialectRoutes = <One extends Dialect>(
  dialects: Dialects<One>,
  mount: (dialect: One) => Promise<Router>,
): DialectRoutes => {
  const routers = new Map<Dialect, LateRouter>(dialects.map((dialect) => [dialect, lateRouter(() => mount(dialect))]));
  /**
   * By method and path. The router's own dispatch tries each of its 300 patterns for each request (30 µs), and puts a
   * chain together (12 µs). Which routes an address leads to never changes, so both are done once. Only for those that
   * lead to a route: guesses fill no memory.
   */
  const known = new Map<string, Memo<Address>>();

  const keep = (method: string, path: string, dialect: Dialect, way: Way): void => {
    const ofMethod = known.get(method) ?? createMemo<Address>(MOST_KNOWN, LONGEST_KNOWN);
    known.set(method, ofMethod);
    const address = ofMethod.get(path) ?? ofMethod.keep(path, { owner: ownerOf(dialects, path), ways: new Map() });
    address.ways.set(dialect, way);
  };

  const find = async (ctx: RouterContext, next: Next, dialect: Dialect): Promise<unknown> => {
    const { method = '' } = ctx.req;
    const { path } = ctx.state;
    const router = await routers.get(dialect)?.open();
    const way = router && wayIn(router, method, path);
    if (!way) return next();
    keep(method, path, dialect, way);
    return way(ctx, next);
  };

  return {
    step: (ctx, next) => {
      const { req, state } = ctx;
      const address = known.get(req.method ?? '')?.get(state.path);
      const dialect = (state.dialect = address?.owner ?? dialectOf(dialects, ctx));
      const way = address?.ways.get(dialect);
      return way ? way(ctx, next) : find(ctx, next, dialect);
    },
    methodsAt: (dialect, path) => methodsAt(routers.get(dialect)?.opened(), path),
    openAll: async () => {
      for (const { open } of routers.values()) await open();
    },
  };
};

interface LateRouter {
  readonly open: () => Promise<Router>;
  readonly opened: () => Router | undefined;
}

const lateRouter = (mount: () => Promise<Router>): LateRouter => {
  let router: Router | undefined;
  const open = late(async () => (router = await mount()));
  return { open, opened: () => router };
};

/** The methods of all routes at this address. */
export const methodsAt = (router: Router | undefined, path: string): readonly string[] => [
  ...new Set(router?.match(path, '').path.flatMap(({ methods }) => methods)),
];

/**
 * What a route does, and on its way a note of which one it is: for the log, and for handlers of the router. A route that
 * stands at a pattern names itself.
 */
const stepsOf = (layer: Layer, address: string): readonly Step<RouterContext>[] => {
  const { path, stack } = layer;
  const [first, ...others] = stack;
  if (!first) return [];
  const captures = layer.captures(address);
  const noted: Step<RouterContext> = (ctx, next) => {
    if (typeof path === 'string') ctx.state.notes.route = path;
    ctx._matchedRoute = path;
    if (captures.length > 0) {
      ctx.captures = captures;
      ctx.params = layer.params(address, captures, ctx.params);
      ctx.request.params = ctx.params;
    }
    return first(ctx, next);
  };
  return [noted, ...others];
};
