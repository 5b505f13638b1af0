/** What Vertex AI takes differently from its neighbours. */
import type { GenerateContentRequest, JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { NO_NOTE, without } from '../left-out.ts';
import type { Note } from '../left-out.ts';
import { withoutIds } from './ids.ts';

/** The request without what only the other doors know; the same request where there is nothing to change. */
export const toVertex = (request: GenerateContentRequest, note: Note): GenerateContentRequest => {
  let changed = without(request, takes, note);
  const config = changed.generationConfig;
  if (isObject(config)) {
    const trimmed = without(config, takesInConfig, note, 'generationConfig.');
    if (trimmed !== config) changed = { ...changed, generationConfig: trimmed };
  }
  const choice = changed.toolConfig;
  if (isObject(choice)) {
    const trimmed = without(choice, takesInChoice, note, 'toolConfig.');
    if (trimmed !== choice) changed = { ...changed, toolConfig: trimmed };
  }
  const contents = changed.contents && withoutIds(changed.contents);
  return contents === changed.contents ? changed : { ...changed, ...(contents && { contents }) };
};

/** A cached content goes by its whole name here. */
export const withPlace = (request: GenerateContentRequest, place: string): GenerateContentRequest => {
  const { cachedContent } = request;
  return typeof cachedContent === 'string' && !cachedContent.startsWith('projects/')
    ? { ...request, cachedContent: `${place}/${cachedContent}` }
    : request;
};

/** Counting knows fewer fields, and what it does not know makes no difference to a count. */
export const toVertexCount = (request: GenerateContentRequest): JsonObject => {
  const { contents, systemInstruction, tools, generationConfig } = toVertex(request, NO_NOTE);
  return {
    contents,
    ...(systemInstruction && { systemInstruction }),
    ...(tools && { tools }),
    ...(generationConfig && { generationConfig }),
  };
};

const takes = (field: string): boolean => field !== 'serviceTier' && field !== 'store';

const takesInConfig = (field: string): boolean => field !== 'enableEnhancedCivicAnswers' && field !== 'responseFormat';

const takesInChoice = (field: string): boolean => field !== 'includeServerSideToolInvocations';
