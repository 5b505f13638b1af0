import type { Context } from 'koa';

/** A parameter of the query, the first where it is there several times; '' where it is not. */
export const oneOf = (ctx: Context, name: string): string => {
  const value = ctx.query[name] ?? '';
  return typeof value === 'string' ? value : (value[0] ?? '');
};
