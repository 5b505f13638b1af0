import type { ClientFormat } from '../format.ts';
import { OPENAI } from './endpoints.ts';
import { renderOpenAiError } from './errors.ts';
import { isOpenAiPath, isResponsesPath } from './paths.ts';

/** OpenAI's API, as its own SDKs and the many that copied it speak it. */
export const openaiFormat: ClientFormat = {
  ...OPENAI,
  owns: isOpenAiPath,
  // Nothing marks its callers: it is the language of those who show no other.
  speaks: () => false,
  frames: isResponsesPath,
  mount: async (router, parts) => {
    (await import('./routes.ts')).mountOpenAi(router, parts);
  },
  renderError: renderOpenAiError,
};
