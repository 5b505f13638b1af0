/** All that answers in the language of OpenAI. */
import type Router from '@koa/router';
import type { FormatParts } from '../format.ts';
import { mountSpeech } from './audio/speech.ts';
import { mountTranscripts } from './audio/transcripts.ts';
import { mountChat } from './chat/route.ts';
import { mountCompletions } from './completions/route.ts';
import { mountEmbeddings } from './embeddings.ts';
import { mountFiles } from './files.ts';
import { mountImages } from './images.ts';
import { mountModels } from './models.ts';
import { mountResponses } from './responses/route.ts';
import { mountUnsupported } from './unsupported.ts';

export const mountOpenAi = (router: Router, parts: FormatParts): void => {
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
};
