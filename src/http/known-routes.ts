import type Router from '@koa/router';
import type { MatchResult } from '@koa/router';

const MOST_KNOWN = 512;
const LONGEST_KNOWN = 256;

/**
 * The router's own dispatch, which tries each of its 300 patterns for each request: 30 µs. Which routes an address
 * leads to never changes, so it is looked up once. Only for addresses that lead to one: guesses fill no memory.
 */
export const routesOf = (router: Router): ReturnType<Router['routes']> => {
  const match = router.match.bind(router);
  const known = new Map<string, MatchResult>();
  router.match = (path, method) => {
    const key = `${method} ${path}`;
    const found = known.get(key);
    if (found) return found;
    const result = match(path, method);
    if (result.route && path.length <= LONGEST_KNOWN) {
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(key, result);
    }
    return result;
  };
  return router.routes();
};
