/** Local references inside one JSON Schema document: where they lead, and which of them go round in circles. */
import { RawJson, parseJson } from '../json.ts';

export interface SchemaRefs {
  /** The document itself, read. */
  readonly root: unknown;
  /** The reference, as it leads into the document: LiteLLM cuts the `#` off. */
  local(reference: string): string;
  /** What `#/$defs/X`, `#/properties/a` … stands for; undefined for other documents and for what is not there. */
  resolve(reference: string): unknown;
  /** Whether somebody who follows references from `reference` may come by `owner`, itself a reference. */
  leadsTo(reference: string, owner: string): boolean;
}

/** A value as it can be walked: members that were kept as text are read, numbers stay exact. */
export const open = (value: unknown): unknown => (value instanceof RawJson ? parseJson(value.text) : value);

export const ROOT = '#';

/** Enough for any schema that people write; beyond it a reference counts as circular, so that time stays bounded. */
const MAX_VISITED = 2_000;
const MAX_SCANNED = 100_000;

export const createSchemaRefs = (document: unknown): SchemaRefs => {
  const root = open(document);
  const outgoing = new Map<string, readonly string[]>();
  const reachable = new Map<string, ReadonlySet<string> | 'too many'>();
  let scanned = 0;

  const resolve = (reference: string): unknown => {
    if (!reference.startsWith(ROOT)) return undefined;
    let value = root;
    for (const step of reference.slice(1).split('/').slice(1)) {
      const parent = open(value);
      const key = decodeStep(step);
      if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) return undefined;
      value = (parent as Readonly<Record<string, unknown>>)[key];
    }
    // An `$anchor` name (`#node`) or a bare word is no pointer.
    return reference === ROOT || reference.startsWith('#/') ? open(value) : undefined;
  };

  const local = (reference: string): string =>
    reference.startsWith('/') && resolve(ROOT + reference) !== undefined ? ROOT + reference : reference;

  /** Every reference written below a value. Data that looks like one costs at most a needless cut. */
  const refsOf = (reference: string): readonly string[] => {
    const known = outgoing.get(reference);
    if (known) return known;
    const found: string[] = [];
    const seen = new Set<unknown>();
    const start = resolve(reference);
    const queue: unknown[] = [start];
    while (queue.length > 0 && scanned < MAX_SCANNED) {
      const value = open(queue.pop());
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      scanned += 1;
      for (const [key, member] of Object.entries(value)) {
        if (key === '$ref' && typeof member === 'string') found.push(local(member));
        else if (value !== root || (key !== '$defs' && key !== 'definitions')) queue.push(member);
      }
    }
    outgoing.set(reference, found);
    return found;
  };

  const reachableFrom = (reference: string): ReadonlySet<string> | 'too many' => {
    const known = reachable.get(reference);
    if (known) return known;
    const visited = new Set<string>();
    const queue = [reference];
    while (queue.length > 0 && visited.size <= MAX_VISITED) {
      for (const next of refsOf(queue.pop() ?? ROOT)) {
        if (visited.has(next)) continue;
        visited.add(next);
        queue.push(next);
      }
    }
    const result = visited.size > MAX_VISITED || scanned >= MAX_SCANNED ? 'too many' : visited;
    reachable.set(reference, result);
    return result;
  };

  return {
    root,
    local,
    resolve,
    leadsTo: (reference, owner) => {
      if (reference === owner) return true;
      const visited = reachableFrom(reference);
      return visited === 'too many' || visited.has(owner);
    },
  };
};

/** The name of a definition that stands at the root, where `$defs` will carry it on. */
export const definitionName = (reference: string): string | undefined => {
  const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(reference)?.[1];
  return name === undefined ? undefined : decodeStep(name);
};

export const toDefinitionRef = (name: string): string => `#/$defs/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const decodeStep = (step: string): string => {
  const plain = step.includes('%') ? decodeUri(step) : step;
  return plain.includes('~') ? plain.replaceAll('~1', '/').replaceAll('~0', '~') : plain;
};

const decodeUri = (step: string): string => {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
};
