/** What Vertex AI takes differently from its neighbours. */
import type { GenerateContentRequest, JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { withoutIds } from './ids.ts';

/** The request without what only the other doors know; the same request where there is nothing to change. */
export const toVertex = (request: GenerateContentRequest): GenerateContentRequest => {
  let changed = without(request, ['serviceTier', 'store']);
  const config = changed.generationConfig;
  if (isObject(config)) {
    const trimmed = without(config, ['enableEnhancedCivicAnswers', 'responseFormat']);
    if (trimmed !== config) changed = { ...changed, generationConfig: trimmed };
  }
  const choice = changed.toolConfig;
  if (isObject(choice)) {
    const trimmed = without(choice, ['includeServerSideToolInvocations']);
    if (trimmed !== choice) changed = { ...changed, toolConfig: trimmed };
  }
  const contents = changed.contents && withoutIds(changed.contents);
  return contents === changed.contents ? changed : { ...changed, ...(contents && { contents }) };
};

/** Counting knows fewer fields. */
export const toVertexCount = (request: GenerateContentRequest): JsonObject => {
  const { contents, systemInstruction, tools, generationConfig } = toVertex(request);
  return {
    contents,
    ...(systemInstruction && { systemInstruction }),
    ...(tools && { tools }),
    ...(generationConfig && { generationConfig }),
  };
};

const without = <T extends JsonObject>(object: T, fields: readonly string[]): T =>
  fields.some((field) => field in object)
    ? (Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field))) as T)
    : object;
