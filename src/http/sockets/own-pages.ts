import { failed } from '../../errors.ts';
import type { CorsSettings } from '../cors.ts';
import { allows } from '../cors.ts';
import type { Gate } from '../gates.ts';

/** A browser asks nobody before it opens a WebSocket: what CORS would forbid to a page is refused here. */
export const ownPages =
  (settings: { readonly cors: CorsSettings }): Gate =>
  (ctx) => {
    const { origin, host } = ctx.req.headers;
    if (origin !== undefined && !isSame(origin, host) && !allows(settings.cors, origin)) {
      throw failed('origin_not_allowed', 'Pages of this origin may not use the relay; CORS_ORIGIN says which may.');
    }
    return undefined;
  };

const isSame = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;
