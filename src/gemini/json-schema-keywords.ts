/** Single keywords of a JSON Schema: which stay, which become words, and how a few are spelled for Gemini. */
import { isObject, toNumber } from '../json.ts';
import { open } from './json-schema-refs.ts';
import { typesOf } from './json-schema-words.ts';
import type { JsonObject } from './types.ts';

/** Only the keywords that are documented for the place stay, and only texts and numbers in lists. True: or null. */
export const restrict = (
  schema: Record<string, unknown>,
  keywords: ReadonlySet<string>,
  note: (keyword: string, value: unknown) => void,
): boolean => {
  for (const [keyword, value] of Object.entries(schema)) {
    if (keywords.has(keyword)) continue;
    note(keyword, value);
    Reflect.deleteProperty(schema, keyword);
  }
  const values = schema['enum'];
  if (!Array.isArray(values)) return false;
  const members = values as readonly unknown[];
  const isKept = (value: unknown): boolean => typeof value === 'string' || toNumber(value) !== undefined;
  const kept = members.filter(isKept);
  if (kept.length === members.length) return false;
  if (kept.length > 0) schema['enum'] = kept;
  else delete schema['enum'];
  if (members.some((value) => value !== null && !isKept(value))) note('enum', members);
  return members.includes(null);
};

/** Keywords whose values are data, not schemas, and which travel as they are until Google refuses them. */
export const KEPT = new Set([
  'default',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'propertyOrdering',
]);

/** Known constraints that Gemini refuses: the model reads them in the description. Anything else is dropped. */
export const NOTED = new Set([
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'contains',
  'minContains',
  'maxContains',
]);

/** What is required and exists; some servers write `"required": true` on the property itself. */
export const requiredOf = (schema: JsonObject): readonly string[] => {
  const properties = open(schema['properties']);
  if (!isObject(properties)) return [];
  const listed: unknown = open(schema['required']);
  const names: unknown[] = Array.isArray(listed) ? [...(listed as unknown[])] : [];
  const present = new Set<unknown>(namesOf(properties));
  for (const name of namesOf(properties)) {
    const property = open(properties[name]);
    if (isObject(property) && property['required'] === true) names.push(name);
  }
  const required = names.filter((name) => present.has(name));
  return [...new Set(required as string[])];
};

/** More than any tool has; beyond it they cost time and are refused anyway. */
export const MAX_PROPERTIES = 5_000;

export const namesOf = (properties: JsonObject): readonly string[] => {
  const names = Object.keys(properties);
  return names.length > MAX_PROPERTIES ? names.slice(0, MAX_PROPERTIES) : names;
};

export const orNull = (schema: JsonObject): JsonObject => {
  const types = typesOf(schema['type']);
  for (const union of ['anyOf', 'oneOf']) {
    const branches = schema[union];
    if (!Array.isArray(branches)) continue;
    const admits = branches.some((branch) => isObject(branch) && typesOf(branch['type']).includes('null'));
    return admits ? schema : { ...schema, [union]: [...(branches as unknown[]), { type: 'null' }] };
  }
  const isAdmitted = types.length === 0 || types.includes('null');
  const values = schema['enum'];
  if (!Array.isArray(values)) return isAdmitted ? schema : { ...schema, type: [...types, 'null'] };
  // One of these values, whatever the type says.
  if (isAdmitted && values.includes(null)) return schema;
  const { description, title, default: fallback, type, ...others } = schema;
  const [only, ...more] = types.filter((name) => name !== 'null');
  const rest = only === undefined ? others : { type: more.length === 0 ? only : [only, ...more], ...others };
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [rest, { type: 'null' }],
  };
};
