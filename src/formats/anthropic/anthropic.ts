import type { ClientFormat } from '../format.ts';
import { ANTHROPIC } from './endpoints.ts';
import { renderAnthropicError } from './errors.ts';
import { isAnthropicPath } from './paths.ts';

/** Anthropic's API, as its own SDKs and Claude Code speak it. */
export const anthropicFormat: ClientFormat = {
  ...ANTHROPIC,
  owns: isAnthropicPath,
  speaks: (headers) => headers['anthropic-version'] !== undefined,
  mount: async (router, parts) => {
    (await import('./routes.ts')).mountAnthropic(router, parts);
  },
  renderError: renderAnthropicError,
};
