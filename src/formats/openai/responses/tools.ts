/** The tools of a Responses request: of the body, and those that items of its input bring along. */
import { refusal } from '../../../errors/refusal.ts';
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
  if (sent.length === 0) return noTools();
  const list = new ToolList();
  const needs: ToolNeeds = { list, ignored, normalize };
  const namespaces = new Namespaces(new Set(sent.flatMap(({ tool }) => (isNamespace(tool) ? [] : nameOf(tool)))));
  let paints = false;
  for (const { tool, param } of sent) {
    if (isNamespace(tool)) readNamespace(tool, param, namespaces, needs);
    else if (tool['type'] === 'image_generation' && model.outputsImages) {
      ignored.rest(tool, ONLY_TYPE, param);
      paints = true;
    }
    // Beside functions Google takes none of its own before Gemini 3, and no function matters less than this.
    else if (tool['type'] === 'code_interpreter' && sent.length === 1) {
      ignored.rest(tool, ONLY_TYPE, param);
      list.addBuiltIn({ codeExecution: {} });
    } else readTool(tool, param, needs);
  }
  return { tools: list.all(), namespaces, paints };
};

/** Of one that brings none, and is no list of items that may. */
export const noTools = (): ReadTools => ({ tools: NO_TOOLS, namespaces: new Namespaces(), paints: false });

const allTools = ({ tools = [], items }: ResponsesRequest): readonly SentTool[] => {
  const sent = tools.map((tool, index): SentTool => ({ tool, param: `tools[${index}]` }));
  for (const { item, param } of items) {
    if (!isObject(item) || (item['type'] !== 'additional_tools' && item['type'] !== 'tool_search_output')) continue;
    for (const more of listTools(item['tools'], `${param}.tools`)) sent.push(more);
  }
  return sent;
};

const listTools = (tools: unknown, param: string): readonly SentTool[] => {
  if (!Array.isArray(tools)) return NO_SENT_TOOLS;
  return tools.map((tool: unknown, index): SentTool => {
    const place = `${param}[${index}]`;
    if (isObject(tool)) return { tool, param: place };
    throw refusal('invalid_type', place, `'${place}' must be an object.`);
  });
};

const NO_SENT_TOOLS: readonly SentTool[] = [];
const ONLY_TYPE: ReadonlySet<string> = new Set(['type']);
const NAMESPACE_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'tools']);

const isNamespace = (tool: JsonObject): boolean => tool['type'] === 'namespace' && Array.isArray(tool['tools']);

const nameOf = ({ name }: JsonObject): readonly string[] => (typeof name === 'string' ? [name] : []);

const readNamespace = (namespace: JsonObject, param: string, namespaces: Namespaces, needs: ToolNeeds): void => {
  needs.ignored.rest(namespace, NAMESPACE_FIELDS, param);
  const { name: space, description } = namespace;
  let about =
    typeof description === 'string' && description !== '' ? `Of all ${String(space)} tools: ${description}` : '';
  for (const { tool, param: place } of listTools(namespace['tools'], `${param}.tools`)) {
    const { name } = tool;
    if (typeof space !== 'string' || space === '' || typeof name !== 'string') {
      readTool(tool, place, needs);
      continue;
    }
    const joined = { ...tool, name: namespaces.join(space, name) };
    readTool(about === '' ? joined : { ...joined, description: withAbout(about, tool['description']) }, place, needs);
    about = '';
  }
};

/** Google has no place for what is said of a namespace: the first of its tools says it. */
const withAbout = (about: string, description: unknown): string =>
  typeof description === 'string' && description !== '' ? `${description}\n\n${about}` : about;
