/** Our own reader of JSON: slower than the engine's, but it knows positions and can keep a value's text. */
import { RawJson } from './raw-json.ts';
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipSpace,
  skipString,
  skipValue,
} from './text.ts';

/** Both from one on. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** From zero on, of UTF-16 units. */
  readonly position: number;
}

const placeIn = (text: string, position: number): Place => {
  const before = text.slice(0, position);
  return { line: before.split('\n').length, column: position - before.lastIndexOf('\n'), position };
};

/** A text that is no JSON, and where. The message holds nothing of the text itself: it may be a secret. */
export class JsonError extends Error {
  readonly problem: string;
  readonly position: number;

  constructor(problem: string, { line, column, position }: Place) {
    super(`${problem} at line ${line}, column ${column} (position ${position})`);
    this.name = 'JsonError';
    this.problem = problem;
    this.position = position;
  }
}

/** A number as itself, or as it is written where JavaScript would spell it otherwise. */
export const toExactNumber = (source: string): unknown => {
  const value = Number(source);
  return String(value) === source ? value : JSON.rawJSON(source);
};

/** Looks no deeper than it has to, so that no nesting overflows the stack. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // Not the same again for each text and number: most values are one.
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const item: unknown = value[at];
      if (typeof item === 'object' && isDeeperThan(item, levels - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && isDeeperThan(member, levels - 1)) return true;
  }
  return false;
};

export const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /["\\/bfnrt]|u[\da-fA-F]{4}/y;

const brokenEscape = (token: string): number => {
  let at = token.indexOf('\\');
  while (at !== -1) {
    ESCAPE.lastIndex = at + 1;
    if (!ESCAPE.test(token)) return at;
    at = token.indexOf('\\', ESCAPE.lastIndex);
  }
  return 0;
};

/** All that is below U+0020: control characters and line breaks. */
const CONTROL = /[^\u0020-\u{10ffff}]/u;
const CODE_F = 102;
const CODE_N = 110;
const CODE_T = 116;
/** Up to here a string is looked through letter by letter, which then costs less than three searches in it. */
const SHORT_STRING = 48;

/** A repeated name keeps its last value. Assignment would take this one for the prototype. */
export const setMember = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
};

export const DEFAULT_MAX_DEPTH = 200;

export const readExactly = (text: string, raw: ReadonlySet<string>, maxDepth: number): unknown => {
  let at = 0;
  /** Something is certainly wrong ahead. */
  let isBroken = false;

  const fail = (problem: string, position = at): never => {
    const ended = position >= text.length;
    throw new JsonError(ended ? 'the JSON ends too early,' : problem, placeIn(text, Math.min(position, text.length)));
  };

  const readString = (): string => {
    const start = at;
    for (let end = start + 1; end <= start + SHORT_STRING; end += 1) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) {
        at = end + 1;
        return text.slice(start + 1, end);
      }
      // Also the text's end, which is no number.
      if (!(code >= 32) || code === BACKSLASH) break;
    }
    at = skipString(text, at);
    const token = text.slice(start, at);
    if (at > text.length) return fail('unclosed string', text.length);
    const control = token.search(CONTROL);
    if (control !== -1) return fail('a control character or a line break inside a string', start + control);
    if (!token.includes('\\')) return token.slice(1, -1);
    try {
      return JSON.parse(token) as string;
    } catch {
      return fail('a broken escape in a string', start + brokenEscape(token));
    }
  };

  const readObject = (depth: number): Record<string, unknown> => {
    const object: Record<string, unknown> = {};
    at = skipSpace(text, at + 1);
    if (text.charCodeAt(at) === CLOSE_BRACE) {
      at += 1;
      return object;
    }
    for (;;) {
      if (text.charCodeAt(at) !== QUOTE) fail('a quoted name is expected');
      const key = readString();
      at = skipSpace(text, at);
      if (text.charCodeAt(at) !== COLON) fail('":" is expected');
      at = skipSpace(text, at + 1);
      const code = text.charCodeAt(at);
      const value = (code === OPEN_BRACE || code === OPEN_BRACKET) && raw.has(key) ? readRaw(depth) : readValue(depth);
      setMember(object, key, value);
      at = skipSpace(text, at);
      const next = text.charCodeAt(at);
      if (next === CLOSE_BRACE) break;
      if (next !== COMMA) fail('"," or "}" is expected');
      at = skipSpace(text, at + 1);
    }
    at += 1;
    return object;
  };

  /** The engine checks what is not looked into; where it finds something, the exact reader says what and where. */
  const readRaw = (depth: number): RawJson => {
    const start = at;
    if (!isBroken) {
      const inside = text.slice(start, skipValue(text, start));
      try {
        isBroken = isDeeperThan(JSON.parse(inside), depth);
      } catch {
        isBroken = true;
      }
      at += isBroken ? 0 : inside.length;
    }
    if (isBroken) readValue(depth);
    return new RawJson(text.slice(start, at));
  };

  const readArray = (depth: number): unknown[] => {
    const array: unknown[] = [];
    at = skipSpace(text, at + 1);
    if (text.charCodeAt(at) === CLOSE_BRACKET) {
      at += 1;
      return array;
    }
    for (;;) {
      array.push(readValue(depth));
      at = skipSpace(text, at);
      const next = text.charCodeAt(at);
      if (next === CLOSE_BRACKET) break;
      if (next !== COMMA) fail('"," or "]" is expected');
      at = skipSpace(text, at + 1);
    }
    at += 1;
    return array;
  };

  const readValue = (depth: number): unknown => {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return readString();
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth === 0) fail(`JSON nested deeper than ${maxDepth} levels`);
      return code === OPEN_BRACE ? readObject(depth - 1) : readArray(depth - 1);
    }
    if (code === CODE_T && text.startsWith('true', at)) {
      at += 4;
      return true;
    }
    if (code === CODE_F && text.startsWith('false', at)) {
      at += 5;
      return false;
    }
    if (code === CODE_N && text.startsWith('null', at)) {
      at += 4;
      return null;
    }
    NUMBER.lastIndex = at;
    if (!NUMBER.test(text)) return fail('a value is expected');
    const source = text.slice(at, NUMBER.lastIndex);
    at = NUMBER.lastIndex;
    return toExactNumber(source);
  };

  at = skipSpace(text, at);
  const value = readValue(maxDepth);
  at = skipSpace(text, at);
  if (at < text.length) fail('something follows the end of the JSON');
  return value;
};
