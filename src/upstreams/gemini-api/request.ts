/** What the Gemini API takes differently from its neighbours. */
import type { Model } from '../../gemini/catalogue.ts';
import type { GenerateContentRequest, Tool } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';

/** The request without what only Vertex knows; the same request where there is nothing to change. */
export const toGeminiApi = (request: GenerateContentRequest, model: Model): GenerateContentRequest => {
  let changed = request;
  if ('labels' in changed) {
    const { labels: _, ...rest } = changed;
    changed = rest;
  }
  const config = changed.generationConfig;
  if (isObject(config) && VERTEX_ONLY.some((field) => field in config)) {
    const kept = Object.entries(config).filter(([field]) => !VERTEX_ONLY.includes(field));
    changed = { ...changed, generationConfig: Object.fromEntries(kept) };
  }
  return model.generation >= 3 && needsInvocations(changed)
    ? { ...changed, toolConfig: { ...changed.toolConfig, includeServerSideToolInvocations: true } }
    : changed;
};

const VERTEX_ONLY: readonly string[] = ['routingConfig', 'modelSelectionConfig', 'audioTimestamp'];

/** This API wants to be told that tools of its own and functions are mixed on purpose; the other doors refuse the word. */
const needsInvocations = ({ tools, toolConfig }: GenerateContentRequest): boolean => {
  if (!Array.isArray(tools) || toolConfig?.includeServerSideToolInvocations !== undefined) return false;
  const list = tools as readonly Tool[];
  const declares = list.some(({ functionDeclarations }) => functionDeclarations !== undefined);
  return declares && list.some((tool) => Object.keys(tool).some((field) => field !== 'functionDeclarations'));
};
