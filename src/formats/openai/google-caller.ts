import type { Context } from 'koa';

/** Google's SDKs ask at some addresses of this family as well (`/v1/models`, `/v1/files`), and expect Google's shape. */
export const isGoogleCaller = (ctx: Context): boolean =>
  !ctx.path.startsWith('/v1beta/openai/') &&
  (ctx.get('x-goog-api-key') !== '' || ctx.get('x-goog-api-client') !== '' || ctx.state.keyInUrl);
