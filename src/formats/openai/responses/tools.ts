/** The tools of a Responses request: of the body, and those that items of its input bring along. */
import type { Ignored } from '../../../conversation/ignored.ts';
import { NO_TOOLS, ToolList, type DeclaredTools } from '../../../conversation/tools.ts';
import type { normalizeSchema } from '../../../gemini/json-schema.ts';
import type { Model } from '../../../gemini/catalogue.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { readTool, type ToolNeeds } from '../tools.ts';
import { Namespaces } from './namespaces.ts';
import type { ResponsesRequest } from './request.ts';

export interface ReadTools {
  readonly tools: DeclaredTools;
  readonly namespaces: Namespaces;
  /** Pictures are wanted as items of their own. */
  readonly paints: boolean;
}

interface SentTool {
  readonly tool: JsonObject;
  readonly param: string;
}

export const readTools = (
  request: ResponsesRequest,
  model: Model,
  ignored: Ignored,
  normalize: typeof normalizeSchema,
): ReadTools => {
  const sent = allTools(request);
  if (sent.length === 0) return { tools: NO_TOOLS, namespaces: new Namespaces(new Set()), paints: false };
  const list = new ToolList();
  const needs: ToolNeeds = { list, ignored, normalize };
  const namespaces = new Namespaces(new Set(sent.flatMap(({ tool }) => (isNamespace(tool) ? [] : nameOf(tool)))));
  let paints = false;
  for (const { tool, param } of sent) {
    if (isNamespace(tool)) readNamespace(tool, param, namespaces, needs);
    else if (tool['type'] === 'image_generation' && model.outputsImages) paints = true;
    // Beside functions Google takes none of its own before Gemini 3, and no function matters less than this.
    else if (tool['type'] === 'code_interpreter' && sent.length === 1) list.addBuiltIn({ codeExecution: {} });
    else readTool(tool, param, needs);
  }
  return { tools: list.all(), namespaces, paints };
};

const allTools = ({ tools = [], items }: ResponsesRequest): readonly SentTool[] => {
  const sent = tools.map((tool, index): SentTool => ({ tool, param: `tools[${index}]` }));
  for (const { item, param } of items) {
    if (!isObject(item) || (item['type'] !== 'additional_tools' && item['type'] !== 'tool_search_output')) continue;
    const more = Array.isArray(item['tools']) ? item['tools'].filter(isObject) : [];
    more.forEach((tool, index) => sent.push({ tool, param: `${param}.tools[${index}]` }));
  }
  return sent;
};

const isNamespace = (tool: JsonObject): tool is JsonObject & { readonly tools: readonly unknown[] } =>
  tool['type'] === 'namespace' && Array.isArray(tool['tools']);

const nameOf = ({ name }: JsonObject): readonly string[] => (typeof name === 'string' ? [name] : []);

const readNamespace = (
  { name: namespace, tools }: JsonObject & { readonly tools: readonly unknown[] },
  param: string,
  namespaces: Namespaces,
  needs: ToolNeeds,
): void => {
  tools.filter(isObject).forEach((tool, index) => {
    const { name } = tool;
    const isNamed = typeof namespace === 'string' && namespace !== '' && typeof name === 'string';
    readTool(isNamed ? { ...tool, name: namespaces.join(namespace, name) } : tool, `${param}.tools[${index}]`, needs);
  });
};
