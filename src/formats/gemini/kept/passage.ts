/** A request of a client's, as it is passed on. */
import type { Context } from 'koa';
import type { Passage } from '../../../gemini/kept.ts';
import type { KeptAddress, Method } from './address.ts';
import { passedHeaders } from './headers.ts';

export const passageOf = (ctx: Context, address: KeptAddress, body?: Passage['body']): Passage => {
  const service = address.service === '' ? '' : `/${address.service}`;
  return {
    method: ctx.method === 'HEAD' ? 'GET' : (ctx.method as Method),
    path: `${service}/${address.version}/${address.path}${ctx.search}`,
    headers: passedHeaders(ctx.req),
    body,
  };
};
