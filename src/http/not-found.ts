import type { Middleware } from 'koa';
import { failed, RelayError } from '../errors.ts';
import { decodedPath } from './public-routes.ts';
import type { PublicRoutes } from './public-routes.ts';
import type { Dialect, DialectEndpoint, Dialects } from './dialect.ts';
import { addressesOf, dialectOf } from './dialect.ts';
import { isAt, tellNearest } from './nearest-address.ts';

/** Behind all routes: the right address for a wrong one, the right method for a known one. */
export const notFound =
  (
    dialects: Dialects,
    routes: PublicRoutes,
    methodsAt: (dialect: Dialect, path: string) => readonly string[],
    /** Those of no dialect. */
    further: readonly DialectEndpoint[],
  ): Middleware =>
  (ctx) => {
    // Koa's own: a handler that went on may have changed it.
    const { path } = ctx;
    const dialect = dialectOf(dialects, ctx);
    const allowed = routes.has(decodedPath(ctx)) ? ['GET', 'HEAD'] : [...methodsAt(dialect, path)].sort();
    const what = `${ctx.method} ${shown(path)}`;
    if (allowed.length > 0) {
      throw new RelayError('INVALID_ARGUMENT', `${what} is not possible here; use ${allowed.join(' or ')}.`, {
        status: 405,
        reason: 'method_not_allowed',
        headers: { allow: allowed.join(', ') },
      });
    }
    const others = dialects.filter((other) => other !== dialect);
    const known = [dialect, ...others].flatMap(({ endpoints }) => endpoints);
    const owner = others.find(({ endpoints }) => endpoints.some((one) => isAt(one, ctx.method, path)));
    const told = owner
      ? [`There is no ${what} in the form of this request. ${owner.title} has one.`]
      : [`There is no ${what}.`, tellNearest(ctx.method, path, [...known, ...further])];
    throw failed('unsupported_endpoint', [...told, addressesOf(dialect)].filter(Boolean).join(' '));
  };

const MAX_SHOWN = 100;

const shown = (path: string): string => (path.length > MAX_SHOWN ? `${path.slice(0, MAX_SHOWN)}…` : path);
