/** What the suffixes of a model's name do to a request. */
import { RawJson, parseJson } from '../json.ts';
import type { Call } from './call.ts';
import type { Model, ResolvedModel, Variant } from './catalogue.ts';
import { thinkingForVariant } from './thinking.ts';
import type { GenerateContentRequest, Tool } from './types.ts';

/** The call for the base model, with the request that the variants stand for. */
export const applyVariants = (call: Call, resolved: ResolvedModel): Call => {
  const request = resolved.variants.reduce(
    (changed, variant) => applyVariant(changed, variant, resolved.model),
    call.request,
  );
  return request === call.request && call.model === resolved.id ? call : { ...call, model: resolved.id, request };
};

/**
 * Adds Google search. Beside functions, models before 3 refuse it: the functions win there. From 3 on both work in
 * mode VALIDATED; a mode that the client chose (ANY, NONE) stays.
 */
export const withSearch = (request: GenerateContentRequest, model: Model): GenerateContentRequest => {
  const tools = toolsOf(request);
  if (tools.some((tool) => 'googleSearch' in tool || 'googleSearchRetrieval' in tool)) return request;
  const searching = { ...request, tools: [...tools, { googleSearch: {} }] };
  if (!tools.some(declaresFunctions)) return searching;
  if (model.generation < 3) return request;
  const chosen = request.toolConfig?.functionCallingConfig;
  if (chosen?.mode !== undefined && !['AUTO', 'MODE_UNSPECIFIED'].includes(chosen.mode)) return searching;
  return {
    ...searching,
    toolConfig: { ...request.toolConfig, functionCallingConfig: { ...chosen, mode: 'VALIDATED' } },
  };
};

const applyVariant = (request: GenerateContentRequest, variant: Variant, model: Model): GenerateContentRequest => {
  if (variant === 'search') return withSearch(request, model);
  const { thinkingConfig: _replaced, ...rest } = request.generationConfig ?? {};
  const thinkingConfig = thinkingForVariant(model, variant);
  return { ...request, generationConfig: thinkingConfig ? { ...rest, thinkingConfig } : rest };
};

/** A native request is not checked in depth: whatever is no list of tools counts as none. */
const toolsOf = (request: GenerateContentRequest): readonly Tool[] => {
  const tools: unknown = request.tools;
  const read = tools instanceof RawJson ? parseJson(tools.text) : tools;
  return Array.isArray(read) ? (read as readonly Tool[]) : [];
};

const declaresFunctions = (tool: Tool): boolean => {
  const declarations: unknown = tool.functionDeclarations;
  if (declarations instanceof RawJson) return declarations.text.replace(/\s/g, '') !== '[]';
  return Array.isArray(declarations) && declarations.length > 0;
};
