/**
 * The light cleaning of a JSON Schema: a copy in which only what Gemini refuses is spelled another way. It walks
 * positions of schemas alone: a property that is called `title` or `const` is a property.
 */
import { isObject, toNumber } from '../json.ts';
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
/** How often a schema is copied into itself before it is cut. */
const MAX_COPIES = 3;

export const walkSchema = (document: unknown, rules: WalkRules): JsonObject => {
  const refs = createSchemaRefs(document);
  const names = new Map<string, string>();
  const definitions = new Map<string, unknown>();
  const pending: string[] = [];
  let nodes = 0;

  const exhausted = (at: Place): boolean => {
    nodes += 1;
    return nodes > MAX_NODES || at.depth > MAX_DEPTH;
  };

  const walk = (value: unknown, at: Place): JsonObject => {
    if (exhausted(at)) return {};
    const read = open(value);
    if (!isObject(read)) return {};
    const { schema, place } = mergeAllOf(read, at);
    return typeof schema['$ref'] === 'string' ? follow(schema['$ref'], schema, place) : clean(schema, place);
  };

  const follow = (reference: string, schema: JsonObject, at: Place): JsonObject => {
    const { $ref: _reference, ...beside } = schema;
    const target = refs.resolve(reference);
    if (!isObject(target))
      return clean({ ...beside, description: describe(beside['description'], [`See ${reference}`]) }, at);
    if (mayStay(reference, at)) {
      const kept = { $ref: keep(reference) };
      return schema['nullable'] === true ? { anyOf: [kept, { type: 'null' }] } : kept;
    }
    if (copiesOf(reference, at) >= MAX_COPIES) return { type: 'object' };
    return walk({ ...target, ...beside }, { ...at, depth: at.depth + 1, copied: [...at.copied, reference] });
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
    let merged: JsonObject = own;
    let place: Place = { ...at, depth: at.depth + 1 };
    for (const branch of branches) {
      let part = open(branch);
      if (!isObject(part) || exhausted(place)) continue;
      const reference = part['$ref'];
      if (typeof reference === 'string') {
        const target = refs.resolve(reference);
        if (!isObject(target) || copiesOf(reference, place) >= MAX_COPIES) continue;
        place = { ...place, copied: [...place.copied, reference] };
        const { $ref: _reference, ...beside } = part;
        part = { ...target, ...beside };
      }
      const inner = mergeAllOf(part as JsonObject, place);
      place = { ...inner.place, depth: place.depth };
      merged = mergeSchemas(merged, inner.schema);
    }
    return { schema: merged, place };
  };

  const clean = (schema: JsonObject, at: Place): JsonObject => {
    const inner: Place = { ...at, depth: at.depth + 1, whole: false };
    const required = requiredOf(schema);
    const result = new Map<string, unknown>();
    const notes: string[] = [];
    const note = (keyword: string, value: unknown) => notes.push(`${keyword}: ${brief(value)}`);
    const list = (value: unknown): JsonObject[] | undefined =>
      Array.isArray(value) && value.length > 0 ? value.map((item) => walk(item, inner)) : undefined;

    for (const [keyword, member] of Object.entries(schema)) {
      const value = open(member);
      switch (keyword) {
        case 'properties':
          if (isObject(value)) result.set('properties', walkProperties(value, required, inner));
          break;
        case 'required':
          if (required.length > 0) result.set('required', required);
          break;
        case 'items':
          if (Array.isArray(value)) {
            result.set('prefixItems', list(value) ?? []);
            if (isObject(open(schema['additionalItems']))) result.set('items', walk(schema['additionalItems'], inner));
          } else if (isObject(value)) {
            result.set('items', walk(value, inner));
          }
          break;
        case 'prefixItems':
        case 'anyOf':
        case 'oneOf': {
          const walked = list(value);
          // Branches that only said which members are required together say nothing any more.
          if (walked?.some((branch) => Object.keys(branch).length > 0)) result.set(keyword, walked);
          else if (walked) note(keyword, value);
          break;
        }
        case 'additionalProperties':
          if (typeof value === 'boolean') result.set(keyword, value);
          else if (isObject(value)) result.set(keyword, walk(value, { ...inner, optional: true }));
          break;
        case 'type': {
          const types = typesOf(value);
          if (types.length > 0) result.set('type', types.length === 1 ? types[0] : types);
          break;
        }
        case 'enum':
          if (Array.isArray(value) && value.length > 0 && !('const' in schema)) result.set('enum', value);
          break;
        case 'const':
          result.set('enum', [value]);
          break;
        case 'description':
        case 'title':
          if (typeof value === 'string') result.set(keyword, value);
          break;
        default:
          if (KEPT.has(keyword)) result.set(keyword, value);
          else if (NOTED.has(keyword)) note(keyword, value);
      }
    }

    if (required.length > 0) result.set('required', required);
    if ('const' in schema && !result.has('type')) result.set('type', typeOf(open(schema['const'])));
    const nullable = (rules.keywords && restrict(result, rules.keywords, note)) ?? false;
    const description = describe(result.get('description'), notes);
    if (description !== undefined) result.set('description', description);
    const cleaned: JsonObject = Object.fromEntries(result);
    return nullable || schema['nullable'] === true ? orNull(cleaned) : cleaned;
  };

  const walkProperties = (properties: JsonObject, required: readonly string[], at: Place): JsonObject => {
    const needed = new Set(required);
    return Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [
        name,
        walk(value, needed.has(name) ? at : { ...at, optional: true }),
      ]),
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

/** Only the keywords that are documented for the place stay, and only texts and numbers in lists. True: or null. */
const restrict = (
  schema: Map<string, unknown>,
  keywords: ReadonlySet<string>,
  note: (keyword: string, value: unknown) => void,
): boolean => {
  for (const [keyword, value] of [...schema]) {
    if (keywords.has(keyword)) continue;
    note(keyword, value);
    schema.delete(keyword);
  }
  const values = schema.get('enum');
  if (!Array.isArray(values)) return false;
  const members = values as readonly unknown[];
  const kept = members.filter((value) => typeof value === 'string' || toNumber(value) !== undefined);
  if (kept.length === members.length) return false;
  if (kept.length > 0) schema.set('enum', kept);
  else schema.delete('enum');
  if (members.some((value) => value !== null && !kept.includes(value))) note('enum', members);
  return members.includes(null);
};

/** Keywords whose values are data, not schemas, and which travel as they are until Google refuses them. */
const KEPT = new Set([
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
const NOTED = new Set([
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
const requiredOf = (schema: JsonObject): readonly string[] => {
  const properties = open(schema['properties']);
  if (!isObject(properties)) return [];
  const listed: unknown = open(schema['required']);
  const required = new Set<string>();
  for (const name of Array.isArray(listed) ? (listed as unknown[]) : []) {
    if (typeof name === 'string' && Object.hasOwn(properties, name)) required.add(name);
  }
  for (const [name, value] of Object.entries(properties)) {
    const property = open(value);
    if (isObject(property) && property['required'] === true) required.add(name);
  }
  return [...required];
};

const orNull = (schema: JsonObject): JsonObject => {
  const types = typesOf(schema['type']);
  for (const union of ['anyOf', 'oneOf']) {
    const branches = schema[union];
    if (!Array.isArray(branches)) continue;
    const admits = branches.some((branch) => isObject(branch) && typesOf(branch['type']).includes('null'));
    return admits ? schema : { ...schema, [union]: [...(branches as unknown[]), { type: 'null' }] };
  }
  if (types.length === 0 || types.includes('null')) return schema;
  const { description, title, default: fallback, ...rest } = schema;
  if (!('enum' in schema)) return { ...schema, type: [...types, 'null'] };
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [rest, { type: 'null' }],
  };
};

const mergeSchemas = (parent: JsonObject, branch: JsonObject): JsonObject => {
  const merged: Record<string, unknown> = { ...branch, ...parent };
  const [ours, theirs] = [open(parent['properties']), open(branch['properties'])];
  if (isObject(ours) && isObject(theirs)) merged['properties'] = { ...ours, ...without(theirs, ours) };
  const [needed, alsoNeeded]: unknown[] = [open(parent['required']), open(branch['required'])];
  if (Array.isArray(needed) && Array.isArray(alsoNeeded)) {
    merged['required'] = [...(needed as unknown[]), ...(alsoNeeded as unknown[])];
  }
  return merged;
};

const without = (members: JsonObject, known: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !Object.hasOwn(known, name)));

const copiesOf = (reference: string, at: Place): number => at.copied.filter((copied) => copied === reference).length;
