/** `/favicon.ico`: browsers ask for it by themselves, and take a drawing as well. The same as the console's. */
import type { Context } from 'koa';
import { ICON } from '../dress.ts';
import { writeHead } from './head.ts';

export const sendFavicon = (ctx: Context): void => {
  writeHead(ctx, 200, {
    'content-type': 'image/svg+xml',
    'content-length': Buffer.byteLength(ICON),
    'cache-control': 'public, max-age=86400',
  });
  ctx.res.end(ICON);
};
