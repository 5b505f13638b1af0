import type Router from '@koa/router';
import type { Layer } from '@koa/router';
import type { Context, Next } from 'koa';

type Step = (ctx: Context, next: Next) => Promise<unknown>;

const MOST_KNOWN = 512;
const LONGEST_KNOWN = 256;

/**
 * The router's own dispatch tries each of its 300 patterns for each request, and puts a chain together for it: 40 µs.
 * Which routes an address leads to never changes, so both are done once. Only for addresses that lead to a route:
 * guesses fill no memory.
 */
export const routesOf = (router: Router): Step => {
  const known = new Map<string, Step>();

  const find = (method: string, path: string): Step | undefined => {
    const { route, pathAndMethod } = router.match(path, method);
    if (!route) return undefined;
    const chain = inOrder(pathAndMethod.flatMap(stepsOf));
    if (path.length <= LONGEST_KNOWN) {
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(`${method} ${path}`, chain);
    }
    return chain;
  };

  return (ctx, next) => {
    const { method, path } = ctx;
    const chain = known.get(`${method} ${path}`) ?? find(method, path);
    return chain ? chain(ctx, next) : next();
  };
};

/** The methods of all routes at this address, for those who came with another. */
export const methodsAt = (router: Router, path: string): readonly string[] => [
  ...new Set(router.match(path, '').path.flatMap(({ methods }) => methods)),
];

/** What a route does, and on its way a note of which one it is, for the log. */
const stepsOf = ({ path, stack }: Layer): readonly Step[] => {
  const [first, ...others] = stack as Step[];
  if (!first) return [];
  const noted: Step = (ctx, next) => {
    ctx._matchedRoute = path;
    return first(ctx, next);
  };
  return [noted, ...others];
};

const inOrder = (steps: readonly Step[]): Step =>
  steps.reduceRight<Step>(
    (rest, step) => (ctx, next) => step(ctx, () => rest(ctx, next)),
    (_ctx, next) => next(),
  );
