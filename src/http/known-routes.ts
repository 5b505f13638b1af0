import type Router from '@koa/router';
import type { Layer, RouterContext } from '@koa/router';
import { late } from '../late.ts';
import { createMemo } from '../engine/memo.ts';
import type { Memo } from '../engine/memo.ts';
import { chained } from './chain.ts';
import type { Chain, Step } from './chain.ts';
import { ownerOf, speakerOf } from './dialect.ts';
import type { Dialect, Dialects } from './dialect.ts';

const MOST_KNOWN = 512;
const LONGEST_KNOWN = 256;

/**
 * The router's own dispatch tries each of its 300 patterns for each request (30 µs), and puts a chain together (12 µs).
 * Which routes an address leads to never changes, so both are done once. Only for addresses that lead to a route:
 * guesses fill no memory.
 */
export const routesOf = (router: Router): Step<RouterContext> => {
  /** By method and path. */
  const known = new Map<string, Memo<Chain<RouterContext>>>();

  const find = (method: string, path: string): Chain<RouterContext> | undefined => {
    const { route, pathAndMethod } = router.match(path, method);
    if (!route) return undefined;
    const ofMethod = known.get(method) ?? createMemo<Chain<RouterContext>>(MOST_KNOWN, LONGEST_KNOWN);
    known.set(method, ofMethod);
    return ofMethod.keep(path, chained(pathAndMethod.flatMap((layer) => stepsOf(layer, path))));
  };

  return (ctx, next) => {
    const { method, path } = ctx;
    const chain = known.get(method)?.find(path) ?? find(method, path);
    return chain ? chain(ctx, next) : next();
  };
};

/** The routes of all dialects. */
export interface DialectRoutes<One extends Dialect> {
  /** Takes each request to the routes of its dialect. */
  readonly step: Step<RouterContext>;
  /** The methods at an address of a dialect that has had a request, for those who came with another. */
  readonly methodsAt: (dialect: One, path: string) => readonly string[];
  /** Mounts those that have had no request. */
  readonly openAll: () => Promise<void>;
}

/** `mount` is called for a dialect once, by its first request. */
export const createDialectRoutes = <One extends Dialect>(
  dialects: Dialects<One>,
  mount: (dialect: One) => Promise<Router>,
): DialectRoutes<One> => {
  const routes = new Map(dialects.map((dialect) => [dialect, createLateRoutes(() => mount(dialect))]));
  /** Patterns take their time, and clients use few addresses. */
  const owners = createMemo<One>(MOST_KNOWN, LONGEST_KNOWN);
  const ownerAt = (path: string): One | undefined => {
    const owner = ownerOf(dialects, path);
    return owner && owners.keep(path, owner);
  };
  return {
    step: (ctx, next) => {
      const owner = owners.find(ctx.path) ?? ownerAt(ctx.path);
      const own = routes.get(owner ?? speakerOf(dialects, ctx.req.headers, ctx.state.keyInUrl));
      return own ? own.step(ctx, next) : next();
    },
    methodsAt: (dialect, path) => methodsAt(routes.get(dialect)?.router(), path),
    openAll: async () => {
      for (const { open } of routes.values()) await open();
    },
  };
};

const createLateRoutes = (mount: () => Promise<Router>) => {
  let mounted: { readonly router: Router; readonly step: Step<RouterContext> } | undefined;
  const open = late(async () => {
    const router = await mount();
    const step = routesOf(router);
    mounted = { router, step };
    return step;
  });
  const step: Step<RouterContext> = (ctx, next) =>
    mounted ? mounted.step(ctx, next) : open().then((first) => first(ctx, next));
  return { open, step, router: () => mounted?.router };
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
