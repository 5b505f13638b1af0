/** Serves the page. It holds no secret and needs no key. */
import type { Context, Next } from 'koa';
import { late } from '../late.ts';
import type { Step } from '../http/chain.ts';
import { writeHead } from '../http/head.ts';
import type { Headers } from '../http/head.ts';
import { encodingOf } from './packing.ts';
import { createRelease } from './page-release.ts';
import type { Asset } from './page-release.ts';
import type { PageFile } from './page-files.ts';

const PAGE = '/console';

/** No rule about frames: without a cookie there is nothing that a page around this one could ride on. */
const POLICY = [
  "default-src 'self'",
  // Pictures that go into a question or come out of an answer.
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const FOREVER = 'public, max-age=31536000, immutable';

/** Files are read when the first browser asks. */
export const createConsolePage = (readFiles: () => Promise<readonly PageFile[]>): Step => {
  const release = late(async () => createRelease(await readFiles()));

  const serve = async (ctx: Context, next: Next): Promise<unknown> => {
    const { path } = ctx;
    const { name, page, assets } = await release();
    const [folder, ...rest] = path.slice(PAGE.length + 1).split('/');
    const asset = folder === name ? assets.get(rest.join('/')) : undefined;
    if (path !== PAGE && !asset) return next();
    ctx.state.notes.route = asset ? `${PAGE}/{release}/{file}` : PAGE;
    // One look at the page is some forty files.
    if (asset) ctx.state.lineLevel = 'debug';
    await (asset ? sendAsset(ctx, asset, { 'cache-control': FOREVER }) : sendPage(ctx, name, page));
    return undefined;
  };

  return (ctx, next) => {
    const { path, method } = ctx;
    if (method !== 'GET' && method !== 'HEAD') return next();
    if (path !== `${PAGE}/`) return serve(ctx, next);
    ctx.state.notes.route = PAGE;
    // Relative, so that it leads to the right place behind a prefix as well.
    send(ctx, 308, { location: '../console', 'content-length': 0 });
    return undefined;
  };
};

const sendPage = async (ctx: Context, name: string, page: Asset): Promise<void> => {
  const etag = `"${name}"`;
  const headers = { 'cache-control': 'no-cache', 'content-security-policy': POLICY, etag };
  const known = (ctx.req.headers['if-none-match'] ?? '')
    .split(',')
    .some((one) => one.trim().replace(/^W\//, '') === etag);
  if (known) send(ctx, 304, headers);
  else await sendAsset(ctx, page, headers);
};

const sendAsset = async (ctx: Context, asset: Asset, headers: Headers): Promise<void> => {
  const encoding = encodingOf(ctx);
  const body = encoding === undefined ? asset.plain : await asset.packed(encoding);
  send(
    ctx,
    200,
    {
      'content-type': asset.type,
      'content-length': body.length,
      vary: 'Accept-Encoding',
      ...(encoding && { 'content-encoding': encoding }),
      ...headers,
    },
    body,
  );
};

const send = (ctx: Context, status: number, headers: Headers, body?: Buffer): void => {
  if (body) ctx.state.notes.bytesOut = body.length;
  writeHead(ctx, status, headers);
  ctx.res.end(ctx.method === 'HEAD' ? undefined : body);
};
