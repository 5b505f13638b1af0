/** JSON Schema as Gemini reads it: as it was written where possible, spelled another way where Google refuses it. */
import { isObject, writeJson } from '../json.ts';
import { createMemo } from '../engine/memo.ts';
import { isPlainSchema } from './json-schema-plain.ts';
import { open } from './json-schema-refs.ts';
import { simplify } from './json-schema-simple.ts';
import type { SchemaField } from './json-schema-simple.ts';
import { walkSchema } from './json-schema-walk.ts';
import { typesOf } from './json-schema-words.ts';
import type { FunctionDeclaration, GenerateContentRequest, JsonObject, Tool } from './types.ts';

export interface NormalizedSchema {
  readonly schema: JsonObject;
  /** The root was no object: arguments arrive as `{"value": …}`. */
  readonly wrapped: boolean;
}

/** For `parametersJsonSchema`: as little as possible is changed, and the root is an object. */
export const normalizeSchema = (schema: unknown): NormalizedSchema => {
  const root = open(schema);
  if (!isObject(root)) return { schema: NO_ARGUMENTS, wrapped: false };
  return asItIs(root) ?? cleaned(root);
};

/**
 * `normalizeSchema` for one relay: agents declare the same tools with every request, so what had to be cleaned is
 * remembered by its text. Thirty such tools take 65 µs in a hot loop instead of 155.
 */
export const createSchemaNormalizer = (): typeof normalizeSchema => {
  const known = createMemo<NormalizedSchema>(MOST_REMEMBERED, LONGEST_REMEMBERED);
  return (schema) => {
    const root = open(schema);
    if (!isObject(root)) return normalizeSchema(root);
    const plain = asItIs(root);
    if (plain) return plain;
    const text = writeJson(root);
    return known.get(text) ?? known.keep(text, cleaned(root));
  };
};

/** More than a few agents have tools. */
const MOST_REMEMBERED = 256;
const LONGEST_REMEMBERED = 8_000;

const asItIs = (root: JsonObject): NormalizedSchema | undefined => {
  if (root['type'] !== 'object') return undefined;
  const named = '$schema' in root ? withoutDialect(root) : root;
  return isPlainSchema(named) ? { schema: withTypeFirst(named), wrapped: false } : undefined;
};

const cleaned = (root: JsonObject): NormalizedSchema => {
  const walked = walkSchema(root, { inline: false, keepsRoot: true });
  if (describesObject(walked)) return { schema: asObject(walked), wrapped: false };
  const { $defs, ...value } = walkSchema(root, { inline: false, keepsRoot: false });
  return { schema: { ...wrap(value), ...($defs !== undefined && { $defs }) }, wrapped: true };
};

/**
 * For `responseJsonSchema`: any root is fine, and only the keywords that Google documents for it stay. Undefined where
 * there is no schema to speak of. `description` is for a root that has none.
 */
export const normalizeResponseSchema = (schema: unknown, description?: string): JsonObject | undefined => {
  const root = open(schema);
  if (!isObject(root) || Object.keys(root).length === 0) return undefined;
  const walked = walkSchema(root, { inline: false, keepsRoot: true, keywords: RESPONSE_KEYWORDS });
  return description === undefined || walked['description'] !== undefined ? walked : { ...walked, description };
};

/** What is left when Google refused the light form: no references, no unions, no rules of validation. */
export const simplifySchema = (schema: unknown, target: SchemaField): JsonObject => {
  const { schema: root } = normalizeSchema(schema);
  return simplify(root, target) ?? NO_ARGUMENTS;
};

/** Every declared function through the heavy cleaning; the same request where there is none. */
export const simplifyTools = (request: GenerateContentRequest): GenerateContentRequest => {
  const tools: unknown = open(request.tools);
  if (!Array.isArray(tools)) return request;
  return { ...request, tools: tools.map((tool: unknown) => (isObject(tool) ? simplifyTool(tool) : (tool as Tool))) };
};

/** For models that take functions or a form of answer but not both: the form in words. */
export const schemaInstruction = (schema?: unknown): string => {
  const how = 'When you answer with text, answer with one JSON value alone: no other words, no code fence.';
  return schema === undefined ? how : `${how} It must match this JSON Schema: ${writeJson(open(schema))}`;
};

const simplifyTool = (tool: Tool): Tool => {
  const declarations: unknown = open(tool.functionDeclarations);
  if (!Array.isArray(declarations)) return tool;
  return {
    ...tool,
    functionDeclarations: declarations.map((declaration: unknown) =>
      isObject(declaration) ? simplifyDeclaration(declaration) : (declaration as FunctionDeclaration),
    ),
  };
};

const simplifyDeclaration = (declaration: FunctionDeclaration): FunctionDeclaration => {
  const { parametersJsonSchema, parameters } = declaration;
  if (parametersJsonSchema !== undefined) {
    return { ...declaration, parametersJsonSchema: simplifySchema(parametersJsonSchema, 'parametersJsonSchema') };
  }
  return parameters === undefined
    ? declaration
    : { ...declaration, parameters: simplifySchema(parameters, 'parameters') };
};

const NO_ARGUMENTS: JsonObject = Object.freeze({ type: 'object', properties: Object.freeze({}) });

const asObject = (schema: JsonObject): JsonObject => ({ ...NO_ARGUMENTS, ...schema, type: 'object' });

/** `asObject` where the type is there: most write it in this order themselves. */
const withTypeFirst = (schema: JsonObject): JsonObject => {
  let place = 0;
  for (const keyword in schema) {
    if (keyword !== OBJECT_FIRST[place]) break;
    place += 1;
    if (place === OBJECT_FIRST.length) return schema;
  }
  return asObject(schema);
};

const OBJECT_FIRST = Object.keys(NO_ARGUMENTS);

const withoutDialect = ({ $schema: _dialect, ...schema }: JsonObject): JsonObject => schema;

const wrap = (value: JsonObject): JsonObject => ({ type: 'object', properties: { value }, required: ['value'] });

/** A schema without a type describes an object, unless something in it says otherwise. */
const describesObject = (schema: JsonObject): boolean => {
  const types = typesOf(schema['type']);
  if (types.length > 0) return types.includes('object');
  if ('properties' in schema) return true;
  if ('items' in schema || 'prefixItems' in schema || 'enum' in schema) return false;
  const union: unknown = schema['anyOf'] ?? schema['oneOf'];
  return !Array.isArray(union) || union.some((branch) => isObject(branch) && mayBeObject(branch));
};

const mayBeObject = (branch: JsonObject): boolean => '$ref' in branch || describesObject(branch);

const RESPONSE_KEYWORDS = new Set([
  'type',
  'format',
  'title',
  'description',
  'enum',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'anyOf',
  'oneOf',
  'properties',
  'additionalProperties',
  'required',
  'propertyOrdering',
]);
