/** Tools as declared by clients, in every shape that reaches this address → one list of function declarations. */
import type { Draft, FunctionDeclaration, JsonObject, Tool } from '../gemini/types.ts';
import { simplifySchema, type normalizeSchema } from '../gemini/json-schema.ts';
import type { FunctionNames } from '../gemini/function-names.ts';
import type { Model } from '../gemini/models.ts';
import { isObject, writeJson } from '../json.ts';
import type { Ignored } from './ignored.ts';
import { refusal } from '../errors/refusal.ts';
import type { ChatRequest } from '../formats/openai/chat/request.ts';

/** A function as the client declared it, under the client's name. */
export interface DeclaredFunction {
  readonly name: string;
  readonly description: string | undefined;
  readonly schema: JsonObject;
  /** The schema was no object: arguments travel as `{"value": …}`. */
  readonly wrapped: boolean;
  /** Free text in, free text out: arguments travel as `{"input": …}`. */
  readonly custom: boolean;
  readonly strict: boolean;
}

export interface DeclaredTools {
  readonly functions: readonly DeclaredFunction[];
  /** Google's own tools: search, code execution, reading of URLs. */
  readonly builtIns: readonly Tool[];
  /** Declarations in Gemini's own form (`google.tools`), passed as they are. */
  readonly native: readonly FunctionDeclaration[];
  readonly legacy: boolean;
}

export const NO_TOOLS: DeclaredTools = { functions: [], builtIns: [], native: [], legacy: false };

export const readTools = (request: ChatRequest, ignored: Ignored, normalize: typeof normalizeSchema): DeclaredTools => {
  const sent = request.tools ?? [];
  const hasLegacy = (request.functions?.length ?? 0) > 0;
  const legacy = sent.length === 0 && hasLegacy;
  if (sent.length === 0 && !hasLegacy && !request.web_search_options && !request.google.tools) return NO_TOOLS;
  if (!legacy && hasLegacy) ignored.add('functions');
  const functions = new Map<string, DeclaredFunction>();
  const builtIns: Tool[] = [];
  const native: FunctionDeclaration[] = [];

  const declare = (declared: DeclaredFunction): void => {
    const known = functions.get(declared.name);
    if (known && writeJson(known) !== writeJson(declared)) {
      throw refusal('invalid_value', 'tools', `The function '${declared.name}' is declared twice, in different ways.`);
    }
    functions.set(declared.name, declared);
  };
  const addBuiltIn = (tool: Tool): void => {
    const [key = ''] = Object.keys(tool);
    const at = builtIns.findIndex((other) => Object.hasOwn(other, key));
    if (at === -1) builtIns.push(tool);
    // Named twice, perhaps with other settings: one tool with all of them.
    else builtIns[at] = { [key]: { ...(builtIns[at]?.[key] as JsonObject), ...(tool[key] as JsonObject) } };
  };

  if (legacy) {
    request.functions?.forEach((tool, index) => {
      declare(readFunction(tool, `functions[${index}]`, normalize));
    });
  }
  sent.forEach((tool, index) => {
    const param = `tools[${index}]`;
    const own = toBuiltIns(tool, param, ignored);
    const declarations = nativeDeclarations(tool);
    native.push(...declarations);
    if (own) own.forEach(addBuiltIn);
    else if (declarations.length > 0) return;
    else if (isCustom(tool)) declare(readCustom(tool, param));
    else if (isFunction(tool)) {
      noteFields(tool, param, ignored);
      declare(readFunction(tool, param, normalize));
    }
    // Agents offer tools of many vendors; refusing one would refuse all their requests.
    else ignored.add(`${param} (${typeof tool['type'] === 'string' ? tool['type'] : 'unknown'})`);
  });
  if (request.web_search_options) addBuiltIn({ googleSearch: {} });
  request.google.tools?.forEach((tool, index) => {
    toBuiltIns(tool, `google.tools[${index}]`, ignored)?.forEach(addBuiltIn);
    native.push(...nativeDeclarations(tool));
  });
  return { functions: [...functions.values()], builtIns, native, legacy };
};

/** How a model wants functions declared. */
export const toDeclarations = (
  names: FunctionNames,
  model: Model,
): ((declared: DeclaredFunction) => FunctionDeclaration) => {
  // Models of other vendors behind Google's door get the field that is converted into their own schema.
  const isForeign = /^(?:claude|gpt-oss)-/i.test(model.id);
  return ({ name: given, description, schema }) => {
    const name = names.toGemini(given);
    const declaration: Draft<FunctionDeclaration> = description === undefined ? { name } : { name, description };
    if (isForeign) declaration.parameters = simplifySchema(schema, 'parameters');
    else declaration.parametersJsonSchema = schema;
    return declaration;
  };
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

const readFunction = (tool: JsonObject, param: string, normalize: typeof normalizeSchema): DeclaredFunction => {
  const nested = tool['function'];
  const inner = isObject(nested) ? nested : tool;
  const name = readName(inner, isObject(nested) ? `${param}.function` : param);
  const { schema, wrapped } = normalize(
    inner['parameters'] ?? inner['input_schema'] ?? inner['inputSchema'] ?? inner['parametersJsonSchema'],
  );
  return {
    name,
    description: descriptionOf(inner),
    schema,
    wrapped,
    custom: false,
    strict: (inner['strict'] ?? tool['strict']) === true,
  };
};

const readCustom = (tool: JsonObject, param: string): DeclaredFunction => {
  const nested = tool['custom'];
  const inner = isObject(nested) ? nested : tool;
  const name = readName(inner, isObject(nested) ? `${param}.custom` : param);
  const description = [descriptionOf(inner), grammarOf(inner['format'])]
    .filter((line) => line !== undefined)
    .join('\n\n');
  return {
    name,
    description: description === '' ? undefined : description,
    schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
    wrapped: false,
    custom: true,
    strict: false,
  };
};

const readName = (fields: JsonObject, param: string): string => {
  const { name } = fields;
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw refusal('missing_required_parameter', `${param}.name`, `Missing required parameter: '${param}.name'.`);
};

const descriptionOf = ({ description }: JsonObject): string | undefined =>
  typeof description === 'string' && description !== '' ? description : undefined;

const grammarOf = (format: unknown): string | undefined => {
  if (!isObject(format) || format['type'] !== 'grammar') return undefined;
  const grammar = isObject(format['grammar']) ? format['grammar'] : format;
  const { syntax, definition } = grammar;
  if (typeof definition !== 'string') return undefined;
  return `The input must match this ${typeof syntax === 'string' ? syntax : 'lark'} grammar:\n${definition}`;
};

/** By key (`{google_search: {}}`) or by type (`{type: "google_search"}`), in both spellings. */
const BUILT_INS: ReadonlyMap<string, string> = new Map([
  ['google_search', 'googleSearch'],
  ['googleSearch', 'googleSearch'],
  ['code_execution', 'codeExecution'],
  ['codeExecution', 'codeExecution'],
  ['url_context', 'urlContext'],
  ['urlContext', 'urlContext'],
  ['google_maps', 'googleMaps'],
  ['googleMaps', 'googleMaps'],
  ['enterprise_web_search', 'enterpriseWebSearch'],
  ['enterpriseWebSearch', 'enterpriseWebSearch'],
]);

/** OpenAI's and Anthropic's own searches, by any of their dated names. */
const WEB_SEARCH = /^web_search(?:_preview)?(?:_[\d_]+)?$/;

const builtInOf = (type: string): string | undefined =>
  BUILT_INS.get(type) ?? (WEB_SEARCH.test(type) ? 'googleSearch' : undefined);

const toBuiltIns = (tool: JsonObject, param: string, ignored: Ignored): readonly Tool[] | undefined => {
  const named = typeof tool['type'] === 'string' ? builtInOf(tool['type']) : undefined;
  if (named !== undefined) {
    const own = Object.keys(tool).find((key) => BUILT_INS.get(key) === named);
    ignored.rest(tool, new Set(['type', 'name', own ?? 'type']), param);
    return [{ [named]: own !== undefined && isObject(tool[own]) ? tool[own] : {} }];
  }
  let found: Tool[] | undefined;
  for (const key in tool) {
    const own = BUILT_INS.get(key);
    const value = tool[key];
    if (own !== undefined && isObject(value)) (found ??= []).push({ [own]: value });
  }
  return found;
};

const nativeDeclarations = (tool: JsonObject): readonly FunctionDeclaration[] => {
  const given = tool['functionDeclarations'] ?? tool['function_declarations'];
  return Array.isArray(given) ? given.filter(isObject) : [];
};
