import type { Context } from 'koa';
import { sessionOf } from '../gemini/conversation.ts';
import type { Asker } from '../gemini/kept.ts';
import { recordOf, signalOf } from '../http/respond.ts';

/** Who asks, where it is no question to a model. */
export const askerOf = (ctx: Context): Asker => ({
  caller: ctx.state.caller,
  record: recordOf(ctx),
  session: sessionOf(ctx.req.headers),
  signal: signalOf(ctx),
});
