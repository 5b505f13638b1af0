/** What a browser is sent packed: in a form that it takes, off the main thread. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context } from 'koa';

export type Encoding = 'gzip' | 'br';

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);

/** The highest takes ten times as long, for two percent; somebody waits for the first page. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

export const pack = (encoding: Encoding, plain: Buffer): Promise<Buffer> =>
  encoding === 'br' ? toBrotli(plain, BROTLI) : toGzip(plain, { level: 9 });

/** For what is sent once. */
export const packQuickly = (plain: Buffer): Promise<Buffer> => toGzip(plain, { level: 1 });

/** The best that this browser takes. */
export const encodingOf = (ctx: Context): Encoding | undefined => ENCODINGS.find((name) => takes(ctx, name));

const ENCODINGS = ['br', 'gzip'] as const;

export const takes = (ctx: Context, name: Encoding): boolean =>
  (ctx.req.headers['accept-encoding'] ?? '').split(',').some((one) => {
    const [coding = '', quality = ''] = one.trim().split(';');
    return coding.trim() === name && !/q=0(?:\.0*)?$/.test(quality.trim());
  });
