/**
 * The light cleaning of a JSON Schema: a copy in which only what Gemini refuses is spelled another way. It walks
 * positions of schemas alone: a property that is called `title` or `const` is a property.
 */
import { isObject } from '../json.ts';
import { lengthOf } from './estimate.ts';
import { KEPT, MAX_PROPERTIES, NOTED, namesOf, orNull, requiredOf, restrict } from './json-schema-keywords.ts';
import { ROOT, createSchemaRefs, definitionName, open, toDefinitionRef } from './json-schema-refs.ts';
import { brief, describe, typeOf, typesOf } from './json-schema-words.ts';
import type { JsonObject } from './types.ts';

export interface WalkRules {
  /** Copy what references stand for to where they stand, instead of keeping them. */
  readonly inline: boolean;
  /** Whether `#` still is the root where the schema goes. */
  readonly keepsRoot: boolean;
  /** Keywords that stay; the other known ones become words in the description. All stay without it. */
  readonly keywords?: ReadonlySet<string>;
}

interface Place {
  readonly depth: number;
  /** Where the schema as a whole stands: no reference may be all that is there. */
  readonly whole: boolean;
  /** The definition whose body this is. */
  readonly owner: string;
  /** A property that may be absent lies between the owner and here. */
  readonly optional: boolean;
  /** References that were copied on the way here. */
  readonly copied: readonly string[];
}

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
const MAX_DEFINITIONS = 1_000;
/** Letters of all that is copied to where a reference stands: a long one that is copied often would be a request of gigabytes. */
const MAX_COPIED = 4_000_000;
/** How often a schema is copied into itself before it is cut. */
const MAX_COPIES = 3;

export const walkSchema = (document: unknown, rules: WalkRules): JsonObject => {
  const refs = createSchemaRefs(document);
  const names = new Map<string, string>();
  const definitions = new Map<string, unknown>();
  const pending: string[] = [];
  const weights = new WeakMap<JsonObject, number>();
  let nodes = 0;
  let copied = 0;

  const exhausted = (at: Place): boolean => {
    nodes += 1;
    return nodes > MAX_NODES || at.depth > MAX_DEPTH || copied > MAX_COPIED;
  };
  const noteCopy = (schema: JsonObject): void => {
    const weight = weights.get(schema) ?? weightOf(schema);
    weights.set(schema, weight);
    copied += weight;
  };

  const walk = (value: unknown, at: Place): JsonObject => {
    if (exhausted(at)) return {};
    const read = open(value);
    if (!isObject(read)) return {};
    if (at.copied.length > 0) noteCopy(read);
    const { schema, place } = mergeAllOf(read, at);
    return typeof schema['$ref'] === 'string'
      ? follow(refs.local(schema['$ref']), schema, place)
      : clean(schema, place);
  };

  const follow = (reference: string, schema: JsonObject, at: Place): JsonObject => {
    const { $ref: _reference, ...beside } = schema;
    const target = refs.resolve(reference);
    if (!isObject(target))
      return clean({ ...beside, description: describe(beside['description'], [`See ${reference}`]) }, at);
    if (!Object.keys(beside).some((keyword) => constrains(keyword, target)) && mayStay(reference, at)) {
      const words = wordsIn(beside);
      // Google documents nothing beside a reference but names that begin with $: words go around it.
      return words ? clean({ ...words, anyOf: [{ $ref: reference }] }, at) : { $ref: keep(reference) };
    }
    const copy = copiesOf(reference, at) < MAX_COPIES ? target : { type: 'object' };
    noteCopy(copy);
    return walk(mergeSchemas([beside, copy]), {
      ...at,
      depth: at.depth + 1,
      copied: [...at.copied, reference],
    });
  };

  /** Google unrolls circles a few times only, so it wants them behind properties that may be absent. */
  const mayStay = (reference: string, at: Place): boolean => {
    if (rules.inline || at.whole) return false;
    const whole = reference === ROOT && rules.keepsRoot;
    if (!whole && definitionName(reference) === undefined) return false;
    if (definitions.size + pending.length >= MAX_DEFINITIONS && !names.has(reference)) return false;
    return at.optional || !refs.leadsTo(reference, at.owner);
  };

  const keep = (reference: string): string => {
    if (reference === ROOT) return ROOT;
    const known = names.get(reference);
    if (known !== undefined) return toDefinitionRef(known);
    let name = definitionName(reference) ?? '';
    // `definitions` and `$defs` may both have it.
    while (definitions.has(name)) name += '_';
    names.set(reference, name);
    definitions.set(name, {});
    pending.push(reference);
    return toDefinitionRef(name);
  };

  /** `allOf` as one schema; where members collide, the parent's and then the first one's stays. */
  const mergeAllOf = (schema: JsonObject, at: Place): { schema: JsonObject; place: Place } => {
    if (!Array.isArray(schema['allOf'])) return { schema, place: at };
    const { allOf, $ref, ...own } = schema;
    const branches: readonly unknown[] = [...(typeof $ref === 'string' ? [{ $ref }] : []), ...(allOf as unknown[])];
    const parts: JsonObject[] = [own];
    let place: Place = { ...at, depth: at.depth + 1 };
    for (const branch of branches) {
      let part = open(branch);
      while (isObject(part) && typeof part['$ref'] === 'string' && !exhausted(place)) {
        const { $ref, ...beside } = part;
        const reference = refs.local($ref);
        const target = copiesOf(reference, place) < MAX_COPIES ? refs.resolve(reference) : undefined;
        place = { ...place, depth: place.depth + 1, copied: [...place.copied, reference] };
        if (isObject(target)) noteCopy(target);
        part = isObject(target) ? { ...target, ...beside } : beside;
      }
      if (!isObject(part) || exhausted(place)) continue;
      const inner = mergeAllOf(part, place);
      place = { ...inner.place, depth: place.depth };
      parts.push(inner.schema);
    }
    return { schema: mergeSchemas(parts), place };
  };

  const clean = (schema: JsonObject, at: Place): JsonObject => {
    const inner: Place = { ...at, depth: at.depth + 1, whole: false };
    const required = requiredOf(schema);
    // Keywords only, never a name from outside.
    const result: Record<string, unknown> = {};
    const notes: string[] = [];
    const note = (keyword: string, value: unknown) => notes.push(`${keyword}: ${brief(value)}`);
    const list = (value: unknown): JsonObject[] | undefined =>
      Array.isArray(value) && value.length > 0 ? value.map((item) => walk(item, inner)) : undefined;

    for (const [keyword, member] of Object.entries(schema)) {
      const value = open(member);
      switch (keyword) {
        case 'properties':
          if (!isObject(value)) break;
          result['properties'] = walkProperties(value, required, inner);
          if (Object.keys(value).length > MAX_PROPERTIES) notes.push(`Only the first ${MAX_PROPERTIES} properties.`);
          break;
        case 'required':
          if (required.length > 0) result['required'] = required;
          break;
        case 'items':
          if (Array.isArray(value)) {
            result['prefixItems'] = list(value) ?? [];
            if (isObject(open(schema['additionalItems']))) result['items'] = walk(schema['additionalItems'], inner);
          } else if (isObject(value)) {
            result['items'] = walk(value, inner);
          }
          break;
        case 'prefixItems':
        case 'anyOf':
        case 'oneOf': {
          const walked = list(value);
          // Branches that only said which members are required together say nothing any more.
          if (walked?.some((branch) => Object.keys(branch).length > 0)) result[keyword] = walked;
          else if (walked) note(keyword, value);
          break;
        }
        case 'additionalProperties':
          if (typeof value === 'boolean') result[keyword] = value;
          else if (isObject(value)) result[keyword] = walk(value, { ...inner, optional: true });
          break;
        case 'type': {
          const types = typesOf(value);
          if (types.length > 0) result['type'] = types.length === 1 ? types[0] : types;
          break;
        }
        case 'enum':
          if (Array.isArray(value) && value.length > 0 && !('const' in schema)) result['enum'] = value;
          break;
        case 'const':
          result['enum'] = [value];
          break;
        case 'description':
        case 'title':
          if (typeof value === 'string') result[keyword] = value;
          break;
        default:
          if (KEPT.has(keyword)) result[keyword] = value;
          else if (NOTED.has(keyword)) note(keyword, value);
      }
    }

    if (required.length > 0) result['required'] = required;
    if ('const' in schema && !('type' in result)) result['type'] = typeOf(open(schema['const']));
    const nullable = (rules.keywords && restrict(result, rules.keywords, note)) ?? false;
    if (notes.length > 0) result['description'] = describe(result['description'], notes);
    return nullable || schema['nullable'] === true ? orNull(result) : result;
  };

  const walkProperties = (properties: JsonObject, required: readonly string[], at: Place): JsonObject => {
    const needed = new Set(required);
    const optional: Place = { ...at, optional: true };
    return Object.fromEntries(
      namesOf(properties).map((name) => [name, walk(properties[name], needed.has(name) ? at : optional)]),
    );
  };

  const root = walk(refs.root, { ...START, whole: true, owner: ROOT });
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const name = names.get(next) ?? '';
    definitions.set(name, walk(refs.resolve(next), { ...START, owner: next }));
  }
  return definitions.size > 0 ? { ...root, $defs: Object.fromEntries(definitions) } : root;
};

const START = { depth: 0, whole: false, optional: false, copied: [] } as const;

/** What stands beside a reference and is more than words: it belongs into a copy of what the reference stands for. */
const constrains = (keyword: string, target: JsonObject): boolean => {
  if (keyword === 'default' || (keyword === 'type' && 'type' in target)) return false;
  return SHAPES.has(keyword) || KEPT.has(keyword) || NOTED.has(keyword);
};

const SHAPES: ReadonlySet<string> = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties'],
  ...['items', 'prefixItems', 'anyOf', 'oneOf'],
]);

const wordsIn = (beside: JsonObject): JsonObject | undefined => {
  const words = Object.entries(beside).filter(([keyword, value]) => WORDS.has(keyword) || isNullable(keyword, value));
  return words.length > 0 ? Object.fromEntries(words) : undefined;
};

const WORDS: ReadonlySet<string> = new Set(['title', 'description', 'default']);

const isNullable = (keyword: string, value: unknown): boolean => keyword === 'nullable' && value === true;

/** Where members collide, that of the first one stays. */
const mergeSchemas = (schemas: readonly JsonObject[]): JsonObject => {
  const merged = new Map(schemas.toReversed().flatMap((schema) => Object.entries(schema)));
  const properties = schemas.map((schema) => open(schema['properties'])).filter(isObject);
  if (properties.length > 1) {
    const names = new Set(properties.flatMap((one) => Object.keys(one)));
    const values = new Map(properties.toReversed().flatMap((one) => Object.entries(one)));
    merged.set('properties', Object.fromEntries([...names].map((name) => [name, values.get(name)])));
  }
  const required = schemas.map((schema) => open(schema['required'])).filter((one) => Array.isArray(one));
  if (required.length > 1) merged.set('required', required.flat());
  return Object.fromEntries(merged);
};

/** About as many letters as it takes, without the schemas in it. */
const weightOf = (schema: JsonObject): number => {
  let letters = 0;
  for (const [keyword, member] of Object.entries(schema)) {
    letters += keyword.length + 4;
    if (keyword === 'properties') for (const name of Object.keys(open(member) ?? {})) letters += name.length + 4;
    else if (!HOLDS_SCHEMAS.has(keyword)) letters += lengthOf(member);
  }
  return letters;
};

const HOLDS_SCHEMAS: ReadonlySet<string> = new Set([
  ...['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'additionalProperties', 'additionalItems'],
  ...['$defs', 'definitions'],
]);

const copiesOf = (reference: string, at: Place): number => at.copied.filter((copied) => copied === reference).length;
