/** What of a request's body is in memory, within MAX_BODY_BYTES and the memory for all bodies. */
import type { Context } from 'koa';
import { clientLeft } from './body-pieces.ts';
import { tooLarge } from './too-large.ts';

/** Given back at the request's end at the latest, with all of its body. `total` is how much there is with these. */
export const holdBytes = (ctx: Context, bytes: number, total: number): void => {
  const { bodies, maxBodyBytes } = ctx.state.server;
  if (total > maxBodyBytes) throw tooLarge(maxBodyBytes);
  // Its end has been: nobody would give the bytes back.
  if (ctx.res.closed) throw clientLeft();
  bodies.take(bytes, total);
  ctx.state.bodyBytes += bytes;
};

/** All that is held of the body: to those who wait for memory for the bytes of theirs. */
export const giveBack = ({ state }: Context): void => {
  state.server.bodies.give(state.bodyBytes);
  state.bodyBytes = 0;
};
