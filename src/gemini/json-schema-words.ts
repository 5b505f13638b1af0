/** What the readers of a JSON Schema share: its types, and words for what cannot be said in it. */
import { isObject, isRawNumber } from '../json.ts';
import { open } from './json-schema-refs.ts';

/** The words of a description, and below them what a schema can no longer say. */
export const describe = (description: unknown, notes: readonly string[]): string | undefined => {
  const lines = [...(typeof description === 'string' && description !== '' ? [description] : []), ...notes];
  return lines.length > 0 ? lines.join('\n') : typeof description === 'string' ? description : undefined;
};

/** A value in few words, whatever its size. */
export const brief = (value: unknown): string => {
  const text = briefly(value, 4);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

export const isType = (value: unknown): boolean => TYPES.has(value);

/** The types that a schema names, in lower case; some generators write Gemini's own upper case. */
export const typesOf = (type: unknown): readonly string[] => {
  if (typeof type === 'string' && TYPES.has(type)) return [type];
  const all: readonly unknown[] = Array.isArray(type) ? type : [type];
  const known = all.flatMap((name) => (typeof name === 'string' ? [name.toLowerCase()] : []));
  return [...new Set(known)].filter((name) => TYPES.has(name));
};

export const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isRawNumber(value)) return /^-?\d+$/.test(value.rawJSON) ? 'integer' : 'number';
  return typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
};

export const TYPES: ReadonlySet<unknown> = new Set([
  'object',
  'array',
  'string',
  'number',
  'integer',
  'boolean',
  'null',
]);

const briefly = (value: unknown, depth: number): string => {
  const read = open(value);
  if (Array.isArray(read)) {
    return depth === 0
      ? '[…]'
      : `[${read
          .slice(0, 12)
          .map((item) => briefly(item, depth - 1))
          .join(',')}]`;
  }
  if (!isObject(read)) {
    return typeof read === 'string' ? JSON.stringify(read.slice(0, 200)) : JSON.stringify(read ?? null);
  }
  if (depth === 0) return '{…}';
  const members = Object.entries(read).slice(0, 12);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${briefly(member, depth - 1)}`).join(',')}}`;
};
