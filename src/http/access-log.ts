import type { Context, Middleware } from 'koa';
import type { Lifetimes } from './lifetimes.ts';
import { requestIdOf } from './request-id.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import type { RequestNotes, ServerScope } from './state.ts';
import { takeUrlKeys } from './url-key.ts';

/** What a route knows that the log line of its request should say. */
export const notes = (ctx: Context): RequestNotes => ctx.state.notes;

/** Begins every request: its id, its signal, the headers of every answer; and one line in the log at its end. */
export const accessLog =
  (server: ServerScope, lifetimes: Lifetimes, isDraining: () => boolean): Middleware =>
  async (ctx, next) => {
    const { res, state } = ctx;
    const startedAt = server.system.monotonic();
    const requestNotes: RequestNotes = {};
    state.requestId = requestIdOf(ctx.req.headers['x-request-id'], server.system);
    state.caller = '';
    state.urlKeys = takeUrlKeys(ctx);
    state.keyInUrl = state.urlKeys.length > 0;
    state.server = server;
    state.startedAt = startedAt;
    state.notes = requestNotes;
    state.signal = lifetimes.begin(res, (clientLeft) => {
      server.log.info('request', {
        requestId: state.requestId,
        method: ctx.req.method,
        route: routeOf(ctx),
        status: clientLeft && requestNotes.error === undefined ? CLIENT_LEFT : res.statusCode,
        ms: Math.round((server.system.monotonic() - startedAt) * 10) / 10,
        caller: state.caller === '' ? undefined : state.caller,
        ...requestNotes,
      });
    });
    res.setHeader('x-request-id', state.requestId);
    for (const [name, value] of SECURITY_HEADERS) res.setHeader(name, value);
    // A connection that is kept would hold up the end.
    if (isDraining()) res.setHeader('connection', 'close');
    await next();
  };

const CLIENT_LEFT = 499;

/** The address as we name it, never as the client wrote it: that may hold anything. */
const routeOf = (ctx: Context): string => {
  const { route } = ctx.state.notes;
  if (route !== undefined) return route;
  const matched: unknown = ctx._matchedRoute;
  if (typeof matched === 'string') return matched;
  if (MODEL_LIST.test(ctx.path)) return ctx.path;
  const [, version, verb] = MODEL_METHOD.exec(ctx.path) ?? [];
  return version === undefined ? 'unmatched' : `/${version}/models/{model}${verb === undefined ? '' : `:${verb}`}`;
};

const MODEL_LIST = /^(?:\/v1|\/v1beta|\/v1beta\/openai)?\/models$/;
const MODEL_METHOD =
  /^\/(v1|v1beta|v1alpha|v1beta1)\/(?:models|.{0,200}\/models)\/[^:/%]{1,200}(?:(?::|\/|%3A)([A-Za-z]{1,30}))?$/i;
