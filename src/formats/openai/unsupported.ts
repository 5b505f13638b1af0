import type Router from '@koa/router';
import type { Middleware } from 'koa';
import { RelayError } from '../../errors.ts';
import { ADDRESSES, under, UNSERVED } from './paths.ts';

/** What OpenAI offers beside chat. 404 rather than 501: its SDKs repeat every status from 500 on. */
export const mountUnsupported = (router: Router): void => {
  for (const name of UNSERVED) {
    for (const path of under(`/${name}`)) router.all([path, `${path}/{*rest}`], refuse(`/v1/${name}`));
  }
  // Nothing is kept, so there is no answer to look up again.
  for (const path of under('/chat/completions/{*rest}')) router.all(path, refuse('Stored chat completions'));
};

const refuse =
  (feature: string): Middleware =>
  () => {
    throw new RelayError('NOT_FOUND', `${feature} is not available through this relay. ${ADDRESSES}`, {
      reason: 'unsupported_endpoint',
      retryable: false,
    });
  };
