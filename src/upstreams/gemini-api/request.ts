/** What the Gemini API takes differently from its neighbours. */
import type { Model } from '../../gemini/catalogue.ts';
import { shortName } from '../../gemini/resources.ts';
import type { GenerateContentRequest, JsonObject, Tool } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { allBut, trimmed, withoutDomains } from '../left-out.ts';
import type { Asker } from '../left-out.ts';

/** The request without what only Vertex knows; the same request where there is nothing to change. */
export const toGeminiApi = (request: GenerateContentRequest, model: Model, asker: Asker): GenerateContentRequest => {
  let changed = withoutDomains(trimmed(request, REQUEST_FIELDS, asker), asker);
  const config = changed.generationConfig;
  if (isObject(config)) {
    const generationConfig = trimmed(config, GENERATION_FIELDS, asker, 'generationConfig.');
    if (generationConfig !== config) changed = { ...changed, generationConfig };
  }
  if (typeof changed.cachedContent === 'string' && changed.cachedContent.startsWith('projects/')) {
    changed = { ...changed, cachedContent: shortName(changed.cachedContent) };
  }
  return model.generation >= 3 && needsInvocations(changed)
    ? { ...changed, toolConfig: { ...changed.toolConfig, includeServerSideToolInvocations: true } }
    : changed;
};

/** The same of one request for an embedding. */
export const toGeminiApiEmbedding = (request: JsonObject, asker: Asker): JsonObject =>
  trimmed(request, EMBED_FIELDS, asker);

const EMBED_FIELDS = allBut('autoTruncate');
const REQUEST_FIELDS = allBut('labels');
const GENERATION_FIELDS = allBut('routingConfig', 'modelSelectionConfig', 'audioTimestamp');

/** This API wants to be told that tools of its own and functions are mixed on purpose; the other doors refuse the word. */
const needsInvocations = ({ tools, toolConfig }: GenerateContentRequest): boolean => {
  if (!Array.isArray(tools) || toolConfig?.includeServerSideToolInvocations !== undefined) return false;
  const list = tools as readonly Tool[];
  const declares = list.some(({ functionDeclarations }) => functionDeclarations !== undefined);
  return declares && list.some((tool) => Object.keys(tool).some((field) => field !== 'functionDeclarations'));
};
