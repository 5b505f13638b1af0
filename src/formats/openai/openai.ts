import type { ClientFormat } from '../format.ts';
import { mountSpeech } from './audio/speech.ts';
import { mountTranscripts } from './audio/transcripts.ts';
import { mountChat } from './chat/route.ts';
import { mountCompletions } from './completions/route.ts';
import { mountEmbeddings } from './embeddings.ts';
import { OPENAI } from './endpoints.ts';
import { renderOpenAiError } from './errors.ts';
import { mountFiles } from './files.ts';
import { mountImages } from './images.ts';
import { mountModels } from './models.ts';
import { isOpenAiPath, isResponsesPath } from './paths.ts';
import { mountResponses } from './responses/route.ts';
import { mountUnsupported } from './unsupported.ts';

/** OpenAI's API, as its own SDKs and the many that copied it speak it. */
export const openaiFormat: ClientFormat = {
  ...OPENAI,
  owns: isOpenAiPath,
  // Nothing marks its callers: it is the language of those who show no other.
  speaks: () => false,
  frames: isResponsesPath,
  mount: (router, parts) => {
    mountChat(router, parts);
    mountResponses(router, parts);
    mountCompletions(router, parts);
    mountModels(router, parts);
    mountEmbeddings(router, parts);
    mountImages(router, parts);
    mountSpeech(router, parts);
    mountTranscripts(router, parts);
    mountFiles(router, parts);
    mountUnsupported(router);
  },
  renderError: renderOpenAiError,
};
