/** All that answers in the language of Anthropic. */
import type Router from '@koa/router';
import type { FormatParts } from '../format.ts';
import { mountMessages } from './messages/route.ts';
import { mountModels } from './models.ts';
import { mountUnsupported } from './unsupported.ts';

export const mountAnthropic = (router: Router, parts: FormatParts): void => {
  mountMessages(router, parts);
  mountModels(router, parts);
  mountUnsupported(router);
};
