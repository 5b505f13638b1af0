import type { Context } from 'koa';
import type { Gate } from './gates.ts';

/** Addresses that need no key, by their exact path. */
export type PublicRoutes = ReadonlyMap<string, (ctx: Context) => unknown>;

/** The path decides alone, decoded once and exact: `//health` and `/health/..` are other addresses, and not open. */
export const publicRoutes =
  (routes: PublicRoutes): Gate =>
  (ctx) => {
    const { method } = ctx.req;
    const route = method === 'GET' || method === 'HEAD' ? routes.get(decodedPath(ctx)) : undefined;
    if (route) ctx.state.notes.route = decodedPath(ctx);
    return route;
  };

export const decodedPath = (ctx: Context): string => {
  try {
    return decodeURIComponent(ctx.state.path);
  } catch {
    return ctx.state.path;
  }
};
