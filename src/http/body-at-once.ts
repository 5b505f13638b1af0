import type { Context } from 'koa';
import { Pieces } from '../pieces.ts';
import { holdBytes } from './held-bytes.ts';

/** A body that came with its head, as most do, is there: it is neither waited for nor listened to. */
export const readAtOnce = (ctx: Context, maxBytes?: number): Buffer | undefined => {
  const { req } = ctx;
  const { readableLength: length } = req;
  // Who reads it piece by piece refuses what is too long for its route, and tells who waits for it to go on.
  if (!req.complete || length === 0 || length > (maxBytes ?? Infinity) || ctx.state.requestHeaders.expect !== undefined)
    return undefined;
  holdBytes(ctx, length, length, maxBytes);
  const first: unknown = req.read();
  if (Buffer.isBuffer(first) && first.length === length) return first;
  const pieces = new Pieces();
  // Node gives what came with one look at the connection at a time.
  for (let piece = first; Buffer.isBuffer(piece); piece = req.read()) pieces.add(piece);
  return pieces.take();
};
