/** One entry of `tools`, in every shape that reaches OpenAI's addresses. */
import { nativeDeclarations, toBuiltIns } from '../../conversation/built-ins.ts';
import type { Ignored } from '../../conversation/ignored.ts';
import { toCustomFunction, toFunction } from '../../conversation/tools.ts';
import type { DeclaredFunction, ToolList } from '../../conversation/tools.ts';
import type { normalizeSchema } from '../../gemini/json-schema.ts';
import type { JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';

export interface ToolNeeds {
  readonly list: ToolList;
  readonly ignored: Ignored;
  readonly normalize: typeof normalizeSchema;
}

export const readTool = (tool: JsonObject, param: string, { list, ignored, normalize }: ToolNeeds): void => {
  const own = toBuiltIns(tool, param, ignored);
  const declarations = nativeDeclarations(tool);
  list.addNative(declarations);
  if (own) for (const builtIn of own) list.addBuiltIn(builtIn);
  else if (declarations.length > 0) return;
  else if (isCustom(tool)) list.declare(readCustom(tool, param));
  else if (isFunction(tool)) {
    noteFields(tool, param, ignored);
    list.declare(readFunction(tool, param, normalize));
  }
  // Agents offer tools of many vendors; refusing one would refuse all their requests.
  else ignored.add(`${param} (${typeof tool['type'] === 'string' ? tool['type'] : 'unknown'})`);
};

const FUNCTION_FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'function', 'name', 'description', 'strict'],
  ...['parameters', 'input_schema', 'inputSchema', 'parametersJsonSchema'],
]);

/** What a declaration says besides, as `cache_control` and `defer_loading`. */
const noteFields = (tool: JsonObject, param: string, ignored: Ignored): void => {
  ignored.rest(tool, FUNCTION_FIELDS, param);
  if (isObject(tool['function'])) ignored.rest(tool['function'], FUNCTION_FIELDS, `${param}.function`);
};

const isFunction = (tool: JsonObject): boolean => {
  const { type } = tool;
  if (type === 'function' || isObject(tool['function'])) return true;
  const isNamed = typeof tool['name'] === 'string';
  // Anthropic's own word for an ordinary function is "custom".
  if (type === undefined || type === null) return isNamed;
  return type === 'custom' && isNamed && isObject(tool['input_schema']);
};

const isCustom = (tool: JsonObject): boolean => tool['type'] === 'custom' && !isObject(tool['input_schema']);

/** As OpenAI's two APIs and Anthropic's describe one. */
export const readFunction = (tool: JsonObject, param: string, normalize: typeof normalizeSchema): DeclaredFunction => {
  const nested = tool['function'];
  const inner = isObject(nested) ? nested : tool;
  const { name, description } = inner;
  const schema = inner['parameters'] ?? inner['input_schema'] ?? inner['inputSchema'] ?? inner['parametersJsonSchema'];
  const strict = inner['strict'] ?? tool['strict'];
  return toFunction({ name, description, schema, strict }, isObject(nested) ? `${param}.function` : param, normalize);
};

const readCustom = (tool: JsonObject, param: string): DeclaredFunction => {
  const nested = tool['custom'];
  const { name, description, format } = isObject(nested) ? nested : tool;
  return toCustomFunction({ name, description, format }, isObject(nested) ? `${param}.custom` : param);
};
