import type { ClientFormat } from '../format.ts';
import { ANTHROPIC } from './endpoints.ts';
import { renderAnthropicError } from './errors.ts';
import { mountModels } from './models.ts';

/** Anthropic's API, as its own SDKs and Claude Code speak it. */
export const anthropicFormat: ClientFormat = {
  ...ANTHROPIC,
  owns: (path) => OWN.test(path),
  speaks: (headers) => headers['anthropic-version'] !== undefined,
  mount: mountModels,
  renderError: renderAnthropicError,
};

const OWN = /^(?:\/anthropic(?:\/|$)|(?:\/v1)*\/messages(?:\/|$))/;
