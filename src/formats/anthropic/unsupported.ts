import type Router from '@koa/router';
import type { Context } from 'koa';
import { failed } from '../../errors.ts';
import { addressesOf } from '../../http/dialect.ts';
import { ANTHROPIC } from './endpoints.ts';
import { FILE_FIX } from './file-fix.ts';

/** What Anthropic offers beside messages: batches of them, files, skills, and the API before them. */
export const mountUnsupported = (router: Router): void => {
  router.all(PATHS, (ctx: Context) => {
    const name = PATHS.exec(ctx.path)?.[1]?.toLowerCase() ?? '';
    ctx.state.notes.route = `/v1/${name}`;
    const parts = [`/v1/${name} is not available through this relay.`, INSTEAD[name], addressesOf(ANTHROPIC)];
    throw failed('unsupported_endpoint', parts.filter(Boolean).join(' '), { retryable: false });
  });
};

const PATHS = /^(?:\/anthropic)?(?:\/v1)*\/(messages\/batches|files|skills|complete)(?:\/.*)?$/i;

/** What the relay has for the same purpose. */
const INSTEAD: Readonly<Record<string, string>> = { files: FILE_FIX };
