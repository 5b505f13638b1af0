/** `/favicon.ico`: browsers ask for it by themselves, and take a drawing as well. The same as the console's. */
import type { Context } from 'koa';
import { writeHead } from './head.ts';

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#3b5bdb"/><path d="M16 5.5c.9 6.4 4.1 9.6 10.5 10.5C20.1 16.9 16.9 20.1 16 26.5 15.1 20.1 11.9 16.9 5.5 16 11.9 15.1 15.1 11.9 16 5.5Z" fill="#fff"/></svg>';

export const sendFavicon = (ctx: Context): void => {
  writeHead(ctx, 200, {
    'content-type': 'image/svg+xml',
    'content-length': Buffer.byteLength(ICON),
    'cache-control': 'public, max-age=86400',
  });
  ctx.res.end(ICON);
};
