/** One entry of `tools`, in every shape that reaches OpenAI's addresses. */
import { nativeDeclarations, toBuiltIns } from '../../conversation/built-ins.ts';
import { holdsOnly, type Ignored } from '../../conversation/ignored.ts';
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
  const { type, function: nested } = tool;
  // What nearly all tools are: a function and nothing besides is asked for no other kind.
  if (type === 'function' && isObject(nested) && holdsOnly(tool, HOLDER_FIELDS)) {
    list.declare(readDescribed(nested, tool, `${param}.function`, normalize, ignored));
    return;
  }
  const own = toBuiltIns(tool, param, ignored);
  const declarations = nativeDeclarations(tool);
  list.addNative(declarations);
  if (own) for (const builtIn of own) list.addBuiltIn(builtIn);
  else if (declarations.length > 0) return;
  else if (isCustom(tool)) list.declare(readCustom(tool, param, ignored));
  else if (isFunction(tool)) list.declare(readFunction(tool, param, normalize, ignored));
  // Agents offer tools of many vendors; refusing one would refuse all their requests.
  else ignored.add(`${param} (${typeof type === 'string' ? type : 'unknown'})`);
};

/** The first that is there counts. */
const SCHEMAS = ['parameters', 'input_schema', 'inputSchema', 'parametersJsonSchema'] as const;
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['type', 'name', 'description', 'strict', ...SCHEMAS]);
/** Of a tool that holds its function. */
const HOLDER_FIELDS: ReadonlySet<string> = new Set(['type', 'function', 'strict']);

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

/** As OpenAI's two APIs and Anthropic's describe one; `ignored` takes what it says besides. */
export const readFunction = (
  tool: JsonObject,
  param: string,
  normalize: typeof normalizeSchema,
  ignored?: Ignored,
): DeclaredFunction => {
  const nested = tool['function'];
  if (!isObject(nested)) return readDescribed(tool, tool, param, normalize, ignored);
  ignored?.rest(tool, HOLDER_FIELDS, param);
  return readDescribed(nested, tool, `${param}.function`, normalize, ignored);
};

/** The function itself, and the tool that holds it. */
const readDescribed = (
  inner: JsonObject,
  tool: JsonObject,
  place: string,
  normalize: typeof normalizeSchema,
  ignored: Ignored | undefined,
): DeclaredFunction => {
  // What a declaration says besides, as `cache_control` and `defer_loading`.
  ignored?.rest(inner, FUNCTION_FIELDS, place);
  let schema: unknown;
  for (const name of SCHEMAS) {
    const given = inner[name] ?? undefined;
    if (schema === undefined) schema = given;
    else if (given) ignored?.add(`${place}.${name}`);
  }
  const { name, description } = inner;
  const strict = inner['strict'] ?? tool['strict'];
  return toFunction({ name, description, schema, strict }, place, normalize);
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
