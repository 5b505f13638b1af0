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
  else if (isCustom(tool)) list.declare(readCustom(tool, param, ignored));
  else if (isFunction(tool)) {
    noteFields(tool, param, ignored);
    list.declare(readFunction(tool, param, normalize));
  }
  // Agents offer tools of many vendors; refusing one would refuse all their requests.
  else ignored.add(`${param} (${typeof tool['type'] === 'string' ? tool['type'] : 'unknown'})`);
};

/** The first that is there counts. */
const SCHEMAS = ['parameters', 'input_schema', 'inputSchema', 'parametersJsonSchema'] as const;
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'strict', ...SCHEMAS]);
/** Of a tool that holds its function. */
const HOLDER_FIELDS: ReadonlySet<string> = new Set(['type', 'function', 'strict']);

/** What a declaration says besides, as `cache_control` and `defer_loading`. */
const noteFields = (tool: JsonObject, param: string, ignored: Ignored): void => {
  const nested = tool['function'];
  if (isObject(nested)) ignored.rest(tool, HOLDER_FIELDS, param);
  const [inner, place] = isObject(nested) ? [nested, `${param}.function`] : [tool, param];
  ignored.rest(inner, FUNCTION_FIELDS, place);
  const counts = SCHEMAS.findIndex((name) => inner[name] !== undefined && inner[name] !== null);
  for (const name of SCHEMAS.slice(counts + 1)) if (inner[name]) ignored.add(`${place}.${name}`);
};

const CUSTOM_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'format']);
const CUSTOM_HOLDER_FIELDS: ReadonlySet<string> = new Set(['type', 'custom']);

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

const readCustom = (tool: JsonObject, param: string, ignored: Ignored): DeclaredFunction => {
  const nested = tool['custom'];
  const inner = isObject(nested) ? nested : tool;
  if (inner !== tool) ignored.rest(tool, CUSTOM_HOLDER_FIELDS, param);
  ignored.rest(inner, CUSTOM_FIELDS, inner === tool ? param : `${param}.custom`);
  const { name, description, format } = inner;
  if (isObject(format) && format['type'] !== 'grammar' && format['type'] !== 'text') {
    ignored.add(`${inner === tool ? param : `${param}.custom`}.format`);
  }
  return toCustomFunction({ name, description, format }, isObject(nested) ? `${param}.custom` : param);
};
