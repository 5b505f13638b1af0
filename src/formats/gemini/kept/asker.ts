/** A request of a client's, as it is passed on. */
import type { Context } from 'koa';
import { sessionOf } from '../../../gemini/conversation.ts';
import type { Asker, Passage } from '../../../gemini/kept.ts';
import { recordOf, signalOf } from '../../../http/respond.ts';
import type { KeptAddress, Method } from './address.ts';
import { passedHeaders } from './headers.ts';

export const askerOf = (ctx: Context): Asker => ({
  caller: ctx.state.caller,
  record: recordOf(ctx),
  session: sessionOf(ctx.req.headers),
  signal: signalOf(ctx),
});

export const passageOf = (ctx: Context, address: KeptAddress, body?: Passage['body']): Passage => {
  const service = address.service === '' ? '' : `/${address.service}`;
  return {
    method: ctx.method === 'HEAD' ? 'GET' : (ctx.method as Method),
    path: `${service}/${address.version}/${address.path}${ctx.search}`,
    headers: passedHeaders(ctx.req),
    body,
  };
};
