import type { Context } from 'koa';
import { Pieces } from '../pieces.ts';

/** A body that came with its head, as most do, is there: it is neither waited for nor listened to. */
export const readAtOnce = ({ req, res, state }: Context, maxBytes = Infinity): Buffer | undefined => {
  const { readableLength: length } = req;
  if (!req.complete || length === 0 || res.closed || req.headers.expect !== undefined) return undefined;
  const { bodies, maxBodyBytes } = state.server;
  // Who reads it piece by piece refuses it.
  if (length > Math.min(maxBytes, maxBodyBytes)) return undefined;
  bodies.take(length, length);
  state.bodyBytes = length;
  const pieces = new Pieces();
  // Node gives what came with one look at the connection at a time.
  for (let piece: unknown = req.read(); Buffer.isBuffer(piece); piece = req.read()) pieces.add(piece);
  return pieces.take();
};
