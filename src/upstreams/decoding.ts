/** Content encodings of an answer: none, or one layer of gzip. */
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { badResponse } from '../errors/answers.ts';

/**
 * The relay asks for no encoding; gzip is still taken from a front end that knows better. Memory stays bounded whatever
 * a small body unpacks to: the reader's pace is the unpacker's, and each reader has a limit (R21).
 */
export const decoded = (
  raw: AsyncIterable<Buffer>,
  header: string | string[] | undefined,
  host: string,
): AsyncIterable<Buffer> => {
  const encoding = Array.isArray(header) ? header.join(', ') : (header ?? '');
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return raw;
    case 'gzip':
    case 'x-gzip':
      return gunzipped(raw, host);
    default:
      return refused(raw, `${host} answered in an encoding that the relay did not ask for.`);
  }
};

async function* gunzipped(raw: AsyncIterable<Buffer>, host: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  pipeline(Readable.from(raw, { objectMode: false }), gunzip, () => undefined);
  try {
    for await (const bytes of gunzip) yield bytes as Buffer;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw badResponse(`${host} sent a compressed answer that is broken or cut short.`, error);
  } finally {
    gunzip.destroy();
  }
}

const refused = (raw: AsyncIterable<Buffer>, message: string): AsyncIterable<Buffer> => ({
  [Symbol.asyncIterator]: () => ({
    next: async () => {
      await raw[Symbol.asyncIterator]().return?.();
      throw badResponse(message);
    },
  }),
});

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
