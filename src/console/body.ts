import type { Context } from 'koa';
import type * as Zod from 'zod';
import { parseWith, readJsonBody } from '../http/body.ts';

/** Nothing that the page sends is larger. Not MAX_BODY_BYTES: where that is too small, this is how it is put right. */
const MAX_BYTES = 256 * 1024;
/** Of who has no key yet: so many may come that more would take the memory from those who have one. */
export const MAX_BYTES_OF_STRANGERS = 8 * 1024;

/** The JSON body as the schema reads it. No body at all is an empty object, for those who have nothing to add. */
export const bodyOf = async <T>(ctx: Context, schema: Zod.ZodType<T>, maxBytes = MAX_BYTES): Promise<T> => {
  const { 'content-length': length, 'transfer-encoding': coding } = ctx.req.headers;
  const isEmpty = coding === undefined && (length === undefined || length === '0');
  return parseWith(schema, isEmpty ? {} : await readJsonBody(ctx, { maxBytes }));
};
