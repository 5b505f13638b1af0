import type { Context } from 'koa';
import { isCounted } from '../callers/caller.ts';
import { readyHead, writeReadyHead } from '../engine/ready-heads.ts';
import type { ReadyHead } from '../engine/ready-heads.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

export type Headers = Record<string, string | number>;

/** Adds to what the head of every answer has, until it is written. */
export const setHeader = (ctx: Context, name: string, value: string): void => {
  ctx.state.headers[name] = value;
};

/** Names what of the request has no effect. */
export const tellIgnored = (ctx: Context, names: readonly string[]): void => {
  if (names.length > 0) setHeader(ctx, IGNORED, names.join(', '));
};

/**
 * Writes the head in one go, past Koa, which has nothing to add. Node's own `setHeader` keeps a table of what it was
 * given and goes through it once more for the head: 1.7 KB of garbage for each request.
 */
export const writeHead = (ctx: Context, status: number, headers: Readonly<Headers>): void => {
  ctx.respond = false;
  ctx.res.writeHead(status, { ...headersOf(ctx), ...headers });
};

/** The head of all answers of one kind, with what every answer has. */
export const headOfKind = (headers: Readonly<Headers>): ReadyHead => readyHead({ ...SECURITY_HEADERS, ...headers });

/** The same for a 200 of a kind; `bytes`: of its body, where it is whole. */
export const writeHeadOfKind = (ctx: Context, kind: ReadyHead, bytes?: number): void => {
  ctx.respond = false;
  writeReadyHead(ctx.res, kind, ownHeadersOf(ctx), bytes);
};

/** All that is known by now of the head of an answer. */
export const headersOf = (ctx: Context): Headers => ({ ...SECURITY_HEADERS, ...ownHeadersOf(ctx) });

/** What is this answer's alone; how its caller stands is looked up only now. */
const ownHeadersOf = ({ state: { headers, caller, record, server } }: Context): Headers => {
  if (isCounted(caller)) server.tellLimits?.(caller, headers);
  const { door, standIn, leftOut } = record;
  // Who has answered: the door, and the model where it is not the one that was asked for.
  if (door !== undefined) {
    headers['x-relay-door'] = door;
    if (standIn !== undefined) {
      headers['x-relay-model'] = standIn;
      if (headers[ASKED_OF_GOOGLE] !== undefined) headers[ASKED_OF_GOOGLE] = standIn;
    }
  }
  // What has no effect: that of the format, and that of the door, which is known only now.
  if (leftOut) {
    const noted = headers[IGNORED];
    headers[IGNORED] = [...(noted === undefined ? [] : [noted]), ...leftOut].join(', ');
  }
  return headers;
};

/** As formats set it before anybody is asked. */
const ASKED_OF_GOOGLE = 'x-relay-upstream-model';
const IGNORED = 'x-relay-ignored';
