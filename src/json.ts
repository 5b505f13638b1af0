/**
 * JSON without loss. `JSON.parse` and `JSON.stringify` change what they carry: 2^53+1 becomes 2^53, `1.0` becomes `1`,
 * keys that look like integers move to the front. What a client or Google wrote must arrive as written.
 */
import { JsonText } from './json/json-text.ts';
import { RawJson } from './json/raw-json.ts';
import { DEFAULT_MAX_DEPTH, JsonError, isDeeperThan, readExactly } from './json/reader.ts';
import { BACKSLASH, COLON, skipSpace, skipString } from './json/text.ts';

export { RawJson, writeJson } from './json/raw-json.ts';
export { JsonError } from './json/reader.ts';

declare global {
  // In the engine since Node 22, not yet in TypeScript's library.
  interface JSON {
    rawJSON(text: string): { readonly rawJSON: string };
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
  }
}

export interface ParseOptions {
  /** Members of these names, wherever they stand, become RawJson where their value is an object or an array. */
  readonly raw?: ReadonlySet<string>;
  /** Deepest nesting accepted. */
  readonly maxDepth?: number;
}

/** Spellings of a number that `String(Number(x))` might not give back. Where found in prose too, it costs time only. */
const UNSAFE_NUMBER =
  /(?:^|[[:,\s])(?:-0(?![.\d])|-?(?:\d{16}|\d[\d.]{16}|\d+\.(?:\d*0(?!\d)|0{6})|\d+(?:\.\d+)?[eE]))/;

/** Parses JSON; numbers that JavaScript cannot spell back become `JSON.rawJSON` values. Throws JsonError. */
export const parseJson = (text: string, options: ParseOptions = {}): unknown => {
  const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  const raw = options.raw && mentions(text, options.raw) ? options.raw : undefined;
  // The engine's reviver is asked for each value, at a microsecond each: our own reader is four times as quick.
  if (raw || holdsUnsafeNumber(text)) return readExactly(text, raw ?? NOTHING, maxDepth);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return readExactly(text, NOTHING, maxDepth);
  }
  // Each level is opened and closed: a short text has not so many.
  if (text.length > 2 * maxDepth && isDeeperThan(value, maxDepth))
    throw new JsonError(`JSON nested deeper than ${maxDepth} levels`, { line: 1, column: 1, position: 0 });
  return value;
};

/** For what need not come out again as it was written: plain values; undefined for what is no JSON. */
export const parsePlain = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The number in a parsed value, also where it was kept as `JSON.rawJSON`; undefined for anything else. */
export const toNumber = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return isRawNumber(value) ? Number(value.rawJSON) : undefined;
};

export const isRawNumber = (value: unknown): value is { readonly rawJSON: string } => JSON.isRawJSON(value);

/** Of one object or of all in one; where members collide, the last one's stays. */
export const membersOf = <Members extends object>(objects: readonly Members[]): Members =>
  objects.length === 1 && objects[0]
    ? objects[0]
    : (Object.fromEntries(objects.flatMap((one) => Object.entries(one))) as Members);

/** Plain JSON objects only: no array, no text that was kept, no kept number. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof RawJson) &&
  !(value instanceof JsonText) &&
  !JSON.isRawJSON(value);

/** Empty for what is no list. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const NOTHING: ReadonlySet<string> = new Set();

const LONG_TEXT = 16 * 1024;
const SHORTEST_UNSAFE = ':-0,'.length;

/** A long text is mostly strings: to pass over them and look between costs 0.1 ms per MB, to look everywhere 0.7. */
const holdsUnsafeNumber = (text: string): boolean => {
  if (text.length < LONG_TEXT) return UNSAFE_NUMBER.test(text);
  let at = 0;
  for (let quote = text.indexOf('"'); quote !== -1; quote = text.indexOf('"', at)) {
    // The shortest is `-0` between two marks.
    if (quote - at >= SHORTEST_UNSAFE && UNSAFE_NUMBER.test(text.slice(at, quote))) return true;
    // Most strings have no escape: they end with the next quote.
    const end = text.indexOf('"', quote + 1);
    at = end !== -1 && text.charCodeAt(end - 1) !== BACKSLASH ? end + 1 : skipString(text, quote);
  }
  return UNSAFE_NUMBER.test(text.slice(at));
};

/** One pass for all names: a search for each through a text of many megabytes costs seconds. */
const mentions = (text: string, names: ReadonlySet<string>): boolean =>
  (patterns.get(names) ?? patternOf(names)).test(text) || (text.includes('\\u') && hasEscapedName(text));

/** Made once for each set of names: to make one costs more than a short text takes to search. */
const patterns = new WeakMap<ReadonlySet<string>, RegExp>();

const patternOf = (names: ReadonlySet<string>): RegExp => {
  const pattern = new RegExp(`"(?:${[...names].map((name) => RegExp.escape(name)).join('|')})"`);
  patterns.set(names, pattern);
  return pattern;
};

/** A name may be spelled with escapes (`"\u0061rgs"`): rare, and then read exactly to be safe. By index: linear. */
const hasEscapedName = (text: string): boolean => {
  let at = text.indexOf('"');
  while (at !== -1) {
    const end = skipString(text, at);
    if (text.charCodeAt(skipSpace(text, end)) === COLON && text.slice(at, end).includes('\\u')) return true;
    at = text.indexOf('"', end);
  }
  return false;
};
