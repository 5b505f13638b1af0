/** The heavy cleaning: what is left of a schema without references, unions and rules of validation. */
import { isObject, isRawNumber } from '../json.ts';
import { walkSchema } from './json-schema-walk.ts';
import { brief, describe, typeOf, typesOf } from './json-schema-words.ts';
import type { JsonObject } from './types.ts';

/** `parameters` is Google's own subset of OpenAPI, with types in upper case; the other field reads JSON Schema. */
export type SchemaField = 'parametersJsonSchema' | 'parameters';

/** Undefined for a schema that admits null alone. */
export const simplify = (document: unknown, field: SchemaField): JsonObject | undefined =>
  simplifyNode(walkSchema(document, { inline: true, keepsRoot: false }), field);

const simplifyNode = (schema: JsonObject, field: SchemaField): JsonObject | undefined => {
  const branches = branchesOf(schema);
  if (branches) return simplifyUnion(schema, branches, field);
  const values = Array.isArray(schema['enum']) ? (schema['enum'] as readonly unknown[]) : [];
  const named = typesOf(schema['type']);
  const nullable = named.includes('null') || values.includes(null);
  const types = named.filter((type) => type !== 'null');
  if (types.length === 0 && nullable && values.every((value) => value === null)) return undefined;
  if (types.length > 1 && field === 'parameters') {
    const { type: _types, ...rest } = schema;
    return simplifyUnion({ ...pick(rest, WORDS), nullable }, splitTypes(rest, types), field);
  }
  return simplifyPlain(schema, bestType(schema, types, values), nullable, field);
};

const simplifyPlain = (schema: JsonObject, type: string, nullable: boolean, field: SchemaField): JsonObject => {
  const notes: string[] = [];
  const result = new Map<string, unknown>([['type', field === 'parameters' ? type.toUpperCase() : type]]);
  for (const [keyword, value] of Object.entries(schema)) {
    if (STRUCTURE.has(keyword)) continue;
    if (isKept(keyword, value, field)) result.set(keyword, value);
    else if (keyword !== 'nullable') notes.push(`${keyword}: ${brief(value)}`);
  }
  if (nullable && field === 'parameters') result.set('nullable', true);
  const values = enumOf(schema['enum'], field);
  if (values.length > 0) result.set('enum', values);
  if (type === 'object') addProperties(schema, result, field);
  if (type === 'array') result.set('items', itemsOf(schema, field));
  const description = describe(schema['description'], notes);
  if (description !== undefined) result.set('description', description);
  return Object.fromEntries(result);
};

const addProperties = (schema: JsonObject, result: Map<string, unknown>, field: SchemaField): void => {
  if (!isObject(schema['properties'])) return;
  const properties = new Map<string, unknown>();
  for (const [name, property] of Object.entries(schema['properties'])) {
    const simple = isObject(property) ? simplifyNode(property, field) : undefined;
    if (simple) properties.set(name, simple);
  }
  result.set('properties', Object.fromEntries(properties));
  const listed: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const required = listed.filter((name) => typeof name === 'string' && properties.has(name));
  if (required.length > 0) result.set('required', required);
};

const itemsOf = (schema: JsonObject, field: SchemaField): JsonObject => {
  const anything = { type: field === 'parameters' ? 'STRING' : 'string' };
  if (isObject(schema['items'])) return simplifyNode(schema['items'], field) ?? anything;
  const tuple: readonly unknown[] = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const branches = tuple.filter(isObject);
  return (branches.length > 0 ? simplifyUnion({}, branches, field) : undefined) ?? anything;
};

/** `parameters` knows anyOf; elsewhere the branch that says most stays, and words tell of the others. */
const simplifyUnion = (
  schema: JsonObject,
  branches: readonly JsonObject[],
  field: SchemaField,
): JsonObject | undefined => {
  const simple = branches.map((branch) => simplifyNode(branch, field)).filter((branch) => branch !== undefined);
  const nullable = simple.length < branches.length || schema['nullable'] === true;
  const own = { ...pick(schema, WORDS), ...(nullable && field === 'parameters' && { nullable: true }) };
  const all = joinEnums(simple);
  const best = all.reduce<JsonObject | undefined>(
    (one, other) => (one && weightOf(one) >= weightOf(other) ? one : other),
    undefined,
  );
  if (!best) return nullable ? undefined : simplifyPlain(schema, 'string', nullable, field);
  const rest = all.filter((branch) => branch !== best);
  const also = rest.length > 0 ? [`Also accepted: ${rest.map(brief).join(' or ')}`] : [];
  if (isObject(schema['properties'])) return describedBy(withBranch(schema, best, nullable, field), also);
  const words = typeof schema['description'] === 'string' ? { description: schema['description'] } : {};
  if (field === 'parameters' && rest.length > 0) return { ...own, ...words, anyOf: all };
  return describedBy({ ...best, ...own, ...words }, also);
};

/** An object that is also one of several: its own properties, and those of the form that says most. */
const withBranch = (schema: JsonObject, best: JsonObject, nullable: boolean, field: SchemaField): JsonObject => {
  const shape = simplifyPlain(schema, 'object', nullable, field);
  if (!isObject(best['properties'])) return shape;
  const properties = isObject(shape['properties']) ? shape['properties'] : {};
  return { ...shape, properties: { ...best['properties'], ...properties } };
};

const describedBy = (schema: JsonObject, notes: readonly string[]): JsonObject => {
  const description = describe(schema['description'], notes);
  return description === undefined ? schema : { ...schema, description };
};

/** What stands beside a union and belongs to all of it. */
const WORDS = new Set(['title', 'default']);
/** Read by name elsewhere. */
const STRUCTURE = new Set([
  'type',
  'description',
  'enum',
  'properties',
  'required',
  'items',
  'prefixItems',
  'anyOf',
  'oneOf',
  'additionalProperties',
]);
const OPENAPI = new Set([
  'title',
  'default',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'propertyOrdering',
]);
const FORMATS = new Set(['int32', 'int64', 'float', 'double', 'enum', 'date-time']);

const isKept = (keyword: string, value: unknown, field: SchemaField): boolean => {
  if (field === 'parametersJsonSchema') return keyword === 'title' || keyword === 'propertyOrdering';
  return OPENAPI.has(keyword) || (keyword === 'format' && typeof value === 'string' && FORMATS.has(value));
};

/** No text may be empty. `parameters` lists texts only; the type beside the list says what they mean. */
const enumOf = (values: unknown, field: SchemaField): readonly unknown[] => {
  const members: readonly unknown[] = Array.isArray(values) ? values : [];
  if (field === 'parametersJsonSchema') {
    return members.filter(
      (value) => (typeof value === 'string' && value !== '') || typeof value === 'number' || isRawNumber(value),
    );
  }
  const texts = members.flatMap((value) => {
    if (typeof value === 'string') return [value];
    if (isRawNumber(value)) return [value.rawJSON];
    return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
  });
  return texts.filter((text) => text !== '');
};

const branchesOf = (schema: JsonObject): readonly JsonObject[] | undefined => {
  const union: unknown = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(union) && union.length > 0 ? (union as readonly unknown[]).filter(isObject) : undefined;
};

/** Constants of one type, each a branch of its own, are one list. */
const joinEnums = (branches: readonly JsonObject[]): readonly JsonObject[] => {
  const type = branches[0]?.['type'];
  const lists = branches.map((branch) => branch['enum']);
  if (branches.length < 2 || !branches.every((branch) => branch['type'] === type) || !lists.every(Array.isArray)) {
    return branches;
  }
  return [{ ...branches[0], enum: [...new Set(lists.flat() as unknown[])] }];
};

const splitTypes = (schema: JsonObject, types: readonly string[]): readonly JsonObject[] =>
  types.map((type) => {
    if (type === 'object') return { type, ...pick(schema, new Set(['properties', 'required'])) };
    if (type === 'array') return { type, ...pick(schema, new Set(['items', 'prefixItems'])) };
    return { type, ...pick(schema, new Set(type === 'boolean' ? [] : ['enum', 'format'])) };
  });

const bestType = (schema: JsonObject, types: readonly string[], values: readonly unknown[]): string => {
  const shape = 'properties' in schema ? 'object' : 'items' in schema || 'prefixItems' in schema ? 'array' : undefined;
  if (shape !== undefined && (types.length === 0 || types.includes(shape))) return shape;
  if (types.length > 0) return types.includes('string') ? 'string' : (types[0] ?? 'string');
  if ('additionalProperties' in schema) return 'object';
  const first = values.find((value) => value !== null);
  return first === undefined ? 'string' : typeOf(first);
};

const weightOf = (branch: JsonObject): number => {
  const type = typesOf(branch['type'])[0];
  if (type === 'object') return 'properties' in branch ? 4 : 3;
  return type === 'array' ? 2 : 1;
};

const pick = (schema: JsonObject, keywords: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => keywords.has(keyword)));
