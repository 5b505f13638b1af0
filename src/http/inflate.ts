/** Bodies that come compressed: what they become is counted while it comes, so that no small one fills the memory. */
import type { Context } from 'koa';
import { refusal } from '../errors/refusal.ts';
import { Pieces } from '../pieces.ts';
import { holdBytes } from './held-bytes.ts';

export type Encoding = 'gzip' | 'x-gzip' | 'zstd';

const ENCODINGS: readonly string[] = ['gzip', 'x-gzip', 'zstd'] satisfies readonly Encoding[];

export const isEncoding = (name: string): name is Encoding => ENCODINGS.includes(name);

export const inflateBody = async (ctx: Context, bytes: Buffer, encoding: Encoding): Promise<Buffer> => {
  // Few clients compress what they send.
  const { createGunzip, createZstdDecompress } = await import('node:zlib');
  const stream = encoding === 'zstd' ? createZstdDecompress() : createGunzip();
  const pieces = new Pieces();
  let total = 0;
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  stream.end(bytes);
  try {
    for (let next = await pull(iterator, encoding); next !== undefined; next = await pull(iterator, encoding)) {
      total += next.length;
      holdBytes(ctx, next.length, total);
      pieces.add(next);
    }
  } finally {
    stream.destroy();
  }
  return pieces.take();
};

const pull = async (iterator: AsyncIterator<Buffer>, encoding: Encoding): Promise<Buffer | undefined> => {
  try {
    const next = await iterator.next();
    return next.done === true ? undefined : next.value;
  } catch {
    const message = `The request body is not what its content-encoding says: no valid ${encoding}.`;
    throw refusal('invalid_value', 'content-encoding', message);
  }
};
