import type Router from '@koa/router';
import type { Context } from 'koa';
import { failed } from '../../errors.ts';
import { addressesOf } from '../../http/dialect.ts';
import { ANTHROPIC } from './endpoints.ts';

/** What Anthropic offers beside messages: batches of them, skills, and the API before them. */
export const mountUnsupported = (router: Router): void => {
  router.all(PATHS, (ctx: Context) => {
    const name = PATHS.exec(ctx.path)?.[1]?.toLowerCase() ?? '';
    ctx.state.notes.route = `/v1/${name}`;
    throw failed('unsupported_endpoint', `/v1/${name} is not available through this relay. ${addressesOf(ANTHROPIC)}`, {
      retryable: false,
    });
  });
};

const PATHS = /^(?:\/anthropic)?(?:\/v1)*\/(messages\/batches|skills|complete)(?:\/.*)?$/i;
