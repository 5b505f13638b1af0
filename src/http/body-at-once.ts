import type { Context } from 'koa';

/** A body that came with its head, as most do, is there: it is neither waited for nor put together. */
export const readAtOnce = ({ req, res, state }: Context, maxBytes = Infinity): Buffer | undefined => {
  const { readableLength: length } = req;
  if (!req.complete || length === 0 || res.closed || req.headers.expect !== undefined) return undefined;
  const { bodies, maxBodyBytes } = state.server;
  // Who reads it piece by piece refuses it.
  if (length > Math.min(maxBytes, maxBodyBytes)) return undefined;
  bodies.take(length, length);
  state.bodyBytes = length;
  const bytes: unknown = req.read();
  return Buffer.isBuffer(bytes) ? bytes : undefined;
};
