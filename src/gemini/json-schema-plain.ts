/** Schemas that need no cleaning: most of those that tools declare. */
import { RawJson, isObject } from '../json.ts';
import { KEPT } from './json-schema-keywords.ts';
import { isType, TYPES } from './json-schema-words.ts';
import type { JsonObject } from './types.ts';

/**
 * Whether the light cleaning would make an equal copy of this schema. One pass that makes nothing: the copy of a small
 * tool's schema takes 12 µs, this 0.5. It may say no where the answer is yes: then the copy is made.
 */
export const isPlainSchema = (schema: JsonObject): boolean => isPlain(schema, { nodes: 0 }, 0);

const DEEPEST = 32;
const MOST_NODES = 2_000;

const isPlain = (schema: unknown, count: { nodes: number }, depth: number): boolean => {
  count.nodes += 1;
  if (!isObject(schema) || depth > DEEPEST || count.nodes > MOST_NODES) return false;
  for (const keyword in schema) {
    const value = schema[keyword];
    switch (keyword) {
      case 'type':
        if (!TYPES.has(value) && !areTypes(value)) return false;
        break;
      case 'description':
      case 'title':
        if (typeof value !== 'string') return false;
        break;
      case 'properties':
        if (!isObject(value)) return false;
        for (const name in value) if (!isPlain(value[name], count, depth + 1)) return false;
        break;
      case 'required':
        if (!areRequired(value, schema['properties'])) return false;
        break;
      case 'items':
        if (!isPlain(value, count, depth + 1)) return false;
        break;
      case 'additionalProperties':
        if (typeof value !== 'boolean' && !isPlain(value, count, depth + 1)) return false;
        break;
      case 'enum':
        if (!Array.isArray(value) || value.length === 0) return false;
        break;
      case 'prefixItems':
      case 'anyOf':
      case 'oneOf':
        if (!Array.isArray(value) || !value.every((branch) => isPlain(branch, count, depth + 1))) return false;
        if (!value.some((branch) => isObject(branch) && saysSomething(branch))) return false;
        break;
      default:
        if (!KEPT.has(keyword) || value instanceof RawJson) return false;
    }
  }
  return true;
};

const areTypes = (types: unknown): boolean =>
  Array.isArray(types) && types.length > 1 && types.every(isType) && new Set(types).size === types.length;

/** Names of properties that exist, each once. */
const areRequired = (names: unknown, properties: unknown): boolean => {
  if (!Array.isArray(names) || names.length === 0 || names.length > MOST_NODES || !isObject(properties)) return false;
  for (let index = 0; index < names.length; index += 1) {
    const name: unknown = names[index];
    if (typeof name !== 'string' || !Object.hasOwn(properties, name) || names.indexOf(name) !== index) return false;
  }
  return true;
};

const saysSomething = (schema: JsonObject): boolean => {
  for (const _keyword in schema) return true;
  return false;
};
