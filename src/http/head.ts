import type { Context } from 'koa';
import { isCounted } from '../callers/caller.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export type Headers = Record<string, string | number>;

/** What the head of every answer has; more is added with `setHeader` until it is written. */
export const commonHeaders = (requestId: string): Headers => ({ 'x-request-id': requestId, ...SECURITY_HEADERS });

export const setHeader = (ctx: Context, name: string, value: string): void => {
  ctx.state.headers[name] = value;
};

/**
 * Writes the head in one go, past Koa, which has nothing to add. Node's own `setHeader` keeps a table of what it was
 * given and goes through it once more for the head: 1.7 KB of garbage for each request.
 */
export const writeHead = (ctx: Context, status: number, headers: Readonly<Headers>): void => {
  ctx.respond = false;
  ctx.res.writeHead(status, Object.assign(headersOf(ctx), headers));
};

/** All that is known by now of the head of an answer; how its caller stands is looked up only now. */
export const headersOf = (ctx: Context): Headers => {
  const { headers, caller, server } = ctx.state;
  const limits = isCounted(caller) ? server.limitHeaders?.(caller) : undefined;
  return Object.assign(headers, limits, servedBy(ctx), leftOut(ctx));
};

/** What has no effect: that of the format, and that of the door, which is known only now. */
const leftOut = ({ state: { record, headers } }: Context): Readonly<Headers> | undefined => {
  if (!record.leftOut) return undefined;
  const noted = headers[IGNORED];
  return { [IGNORED]: [...(noted === undefined ? [] : [noted]), ...record.leftOut].join(', ') };
};

const IGNORED = 'x-relay-ignored';

/** Who has answered: the door, and the model where it is not the one that was asked for. */
const servedBy = ({ state: { record } }: Context): Readonly<Headers> | undefined => {
  const { door, standIn } = record;
  if (door === undefined) return undefined;
  return standIn === undefined ? { 'x-relay-door': door } : { 'x-relay-door': door, 'x-relay-model': standIn };
};
