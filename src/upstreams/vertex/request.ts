/** What Vertex AI takes differently from its neighbours. */
import type { GenerateContentRequest, JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { allBut, trimmed } from '../left-out.ts';
import type { Asker } from '../left-out.ts';
import { withoutIds } from './ids.ts';

/** The request without what only the other doors know; the same request where there is nothing to change. */
export const toVertex = (request: GenerateContentRequest, asker: Asker): GenerateContentRequest => {
  let changed = trimmed(request, REQUEST_FIELDS, asker);
  const config = changed.generationConfig;
  if (isObject(config)) {
    const generationConfig = trimmed(config, GENERATION_FIELDS, asker, 'generationConfig.');
    if (generationConfig !== config) changed = { ...changed, generationConfig };
  }
  const choice = changed.toolConfig;
  if (isObject(choice)) {
    const toolConfig = trimmed(choice, CHOICE_FIELDS, asker, 'toolConfig.');
    if (toolConfig !== choice) changed = { ...changed, toolConfig };
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
  const { contents, systemInstruction, tools, generationConfig } = toVertex(request, undefined);
  return {
    contents,
    ...(systemInstruction && { systemInstruction }),
    ...(tools && { tools }),
    ...(generationConfig && { generationConfig }),
  };
};

const REQUEST_FIELDS = allBut('serviceTier', 'store');
const GENERATION_FIELDS = allBut('enableEnhancedCivicAnswers', 'responseFormat');
const CHOICE_FIELDS = allBut('includeServerSideToolInvocations');
