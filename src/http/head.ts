import type { Context } from 'koa';
import { isCounted } from '../callers/caller.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export type Headers = Record<string, string | number>;

/** What the head of every answer has; more is added with `setHeader` until it is written. */
export const commonHeaders = (requestId: string): Headers => ({ ...COMMON, 'x-request-id': requestId });

/** In order: the engine copies an object in one go where it stands first. */
const COMMON: Readonly<Headers> = { 'x-request-id': '', ...SECURITY_HEADERS };

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
export const headersOf = ({ state: { headers, caller, record, server } }: Context): Headers => {
  if (isCounted(caller)) server.tellLimits?.(caller, headers);
  const { door, standIn, leftOut } = record;
  // Who has answered: the door, and the model where it is not the one that was asked for.
  if (door !== undefined) {
    headers['x-relay-door'] = door;
    if (standIn !== undefined) headers['x-relay-model'] = standIn;
  }
  // What has no effect: that of the format, and that of the door, which is known only now.
  if (leftOut) {
    const noted = headers[IGNORED];
    headers[IGNORED] = [...(noted === undefined ? [] : [noted]), ...leftOut].join(', ');
  }
  return headers;
};

const IGNORED = 'x-relay-ignored';
