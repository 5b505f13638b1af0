import type { Context } from 'koa';
import type * as Zod from 'zod';
import { parseWith, readJsonBody } from '../http/body.ts';

/** Nothing that the page sends is larger; who has no key yet gets no more memory than this. */
const MAX_BYTES = 256 * 1024;

/** The JSON body as the schema reads it. No body at all is an empty object, for those who have nothing to add. */
export const bodyOf = async <T>(ctx: Context, schema: Zod.ZodType<T>): Promise<T> => {
  const { 'content-length': length, 'transfer-encoding': coding } = ctx.req.headers;
  const isEmpty = coding === undefined && (length === undefined || length === '0');
  return parseWith(schema, isEmpty ? {} : await readJsonBody(ctx, { maxBytes: MAX_BYTES }));
};
