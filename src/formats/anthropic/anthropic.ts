import type { ClientFormat } from '../format.ts';
import { ANTHROPIC } from './endpoints.ts';
import { renderAnthropicError } from './errors.ts';
import { mountMessages } from './messages/route.ts';
import { mountModels } from './models.ts';
import { isAnthropicPath } from './paths.ts';
import { mountUnsupported } from './unsupported.ts';

/** Anthropic's API, as its own SDKs and Claude Code speak it. */
export const anthropicFormat: ClientFormat = {
  ...ANTHROPIC,
  owns: isAnthropicPath,
  speaks: (headers) => headers['anthropic-version'] !== undefined,
  mount: (router, parts) => {
    mountMessages(router, parts);
    mountModels(router, parts);
    mountUnsupported(router);
  },
  renderError: renderAnthropicError,
};
