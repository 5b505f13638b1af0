/**
 * JSON without loss. `JSON.parse` and `JSON.stringify` change what they carry: 2^53+1 becomes 2^53, `1.0` becomes `1`,
 * keys that look like integers move to the front. What a client or Google wrote must arrive as written.
 */

declare global {
  // In the engine since Node 22, not yet in TypeScript's library.
  interface JSON {
    rawJSON(text: string): { readonly rawJSON: string };
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
  }
}

/** A JSON value kept as its text. Whoever needs its inside reads it; whoever carries it leaves it as it is. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The inside, for reading. Numbers may lose digits here: write `text`, never this. */
  read(): unknown {
    return JSON.parse(this.text);
  }

  toJSON(): unknown {
    return this.read();
  }
}

/** A text that is no JSON, and where. The message holds nothing of the text itself: it may be a secret. */
export class JsonError extends Error {
  readonly position: number;

  constructor(problem: string, text: string, position: number) {
    const before = text.slice(0, position);
    const line = before.split('\n').length;
    const column = position - before.lastIndexOf('\n');
    super(`${problem} at line ${line}, column ${column} (position ${position})`);
    this.name = 'JsonError';
    this.position = position;
  }
}

export interface ParseOptions {
  /** Members of these names, wherever they stand, become RawJson where their value is an object or an array. */
  readonly raw?: ReadonlySet<string>;
  /** Deepest nesting accepted. */
  readonly maxDepth?: number;
}

const DEFAULT_MAX_DEPTH = 200;

/** Spellings of a number that `String(Number(x))` might not give back. Also found in prose: then it costs time only. */
const UNSAFE_NUMBER =
  /(?:^|[[:,\s])(?:-0(?![.\d])|-?(?:\d{16}|\d[\d.]{16}|\d+\.(?:\d*0(?!\d)|0{6})|\d+(?:\.\d+)?[eE]))/;

/** Parses JSON; numbers that JavaScript cannot spell back become `JSON.rawJSON` values. Throws JsonError. */
export const parseJson = (text: string, options: ParseOptions = {}): unknown => {
  const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  const raw = options.raw && mentions(text, options.raw) ? options.raw : undefined;
  if (raw) return readExactly(text, raw, maxDepth);
  let value: unknown;
  try {
    value = UNSAFE_NUMBER.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text);
  } catch {
    return readExactly(text, NOTHING, maxDepth);
  }
  if (isDeeperThan(value, maxDepth)) throw new JsonError(`JSON nested deeper than ${maxDepth} levels`, text, 0);
  return value;
};

/** Writes JSON, RawJson verbatim. For plain values the same as `JSON.stringify`. */
export const writeJson = (value: unknown): string => {
  const holders = new Set<unknown>();
  // What holds no RawJson is the engine's work, many times quicker than ours.
  if (!holdsRaw(value, holders)) return JSON.stringify(value ?? null);
  const pieces: string[] = [];
  write(value, holders, pieces);
  return pieces.join('');
};

/** The number in a parsed value, also where it was kept as `JSON.rawJSON`; undefined for anything else. */
export const toNumber = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value;
  return isRawNumber(value) ? Number(value.rawJSON) : undefined;
};

export const isRawNumber = (value: unknown): value is { readonly rawJSON: string } => JSON.isRawJSON(value);

/** Plain JSON objects only: no array, no RawJson, no kept number. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof RawJson) &&
  !JSON.isRawJSON(value);

/** The text of a valid JSON value without the white space between its tokens. */
export const compactJson = (text: string): string => {
  if (!/[ \t\r\n]/.test(text)) return text;
  // By index, not by one pattern: a pattern over strings of many megabytes overflows the engine's stack.
  const pieces: string[] = [];
  let at = 0;
  for (let quote = text.indexOf('"'); quote !== -1; quote = text.indexOf('"', at)) {
    const end = skipString(text, quote);
    pieces.push(text.slice(at, quote).replace(/\s+/g, ''), text.slice(quote, end));
    at = end;
  }
  pieces.push(text.slice(at).replace(/\s+/g, ''));
  return pieces.join('');
};

/**
 * Escapes of halves of a surrogate pair (`\ud83d` alone) become U+FFFD: Google refuses them, and they are no text.
 * Works on JSON text, so that nothing behind it needs to care.
 */
export const mendSurrogates = (text: string): string => {
  const pieces: string[] = [];
  let at = 0;
  /** Where an unanswered first half stands. */
  let open = -1;
  const mend = (position: number) => {
    pieces.push(text.slice(at, position), '\\ufffd');
    at = position + SURROGATE_LENGTH;
  };
  for (const { 0: half, index } of text.matchAll(/\\u[dD][89a-fA-F][\da-fA-F]{2}/g)) {
    if (isEscaped(text, index)) continue;
    const second = half.charAt(3).toLowerCase() > 'b';
    if (second && open !== -1 && open === index - SURROGATE_LENGTH) {
      open = -1;
      continue;
    }
    if (open !== -1) mend(open);
    open = second ? -1 : index;
    if (second) mend(index);
  }
  if (open !== -1) mend(open);
  return at === 0 ? text : pieces.join('') + text.slice(at);
};

/** Where a member's value stands in the text of an object: from `start` to `end` (excluded). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The value of one member of the outermost object of a text, found without parsing what is around it. Where the name
 * is repeated, the last one counts, as for `JSON.parse`.
 */
export const findMember = (text: string, name: string): Span | undefined => {
  let found: Span | undefined;
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined;
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    const matches = isName(text.slice(at, keyEnd), name);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    if (matches) found = { start, end };
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return found;
};

/** Whether a string, quotes and all, spells the name. */
const isName = (token: string, name: string): boolean => {
  if (!token.includes('\\')) return token.length === name.length + 2 && token.startsWith(name, 1);
  try {
    return JSON.parse(token) === name;
  } catch {
    return false;
  }
};

const SURROGATE_LENGTH = 6;
const NOTHING: ReadonlySet<string> = new Set();
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** One pass for all names: a search for each through a text of many megabytes costs seconds. */
const mentions = (text: string, names: ReadonlySet<string>): boolean =>
  new RegExp(`"(?:${[...names].map((name) => RegExp.escape(name)).join('|')})"`).test(text) ||
  (text.includes('\\u') && hasEscapedName(text));

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

const keepNumber = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && context.source !== String(value)
    ? JSON.rawJSON(context.source)
    : value;

const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, levels - 1));
  for (const key in value) {
    if (isDeeperThan((value as Record<string, unknown>)[key], levels - 1)) return true;
  }
  return false;
};

/** Whether a RawJson stands somewhere in a value; all objects and arrays on the way to one are added to `holders`. */
const holdsRaw = (value: unknown, holders: Set<unknown>): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof RawJson) return true;
  let holds = false;
  if (Array.isArray(value)) {
    for (const item of value) if (holdsRaw(item, holders)) holds = true;
  } else {
    for (const key in value) if (holdsRaw((value as Record<string, unknown>)[key], holders)) holds = true;
  }
  if (holds) holders.add(value);
  return holds;
};

const write = (value: unknown, holders: ReadonlySet<unknown>, pieces: string[]): void => {
  if (value instanceof RawJson) {
    pieces.push(value.text);
  } else if (!holders.has(value)) {
    pieces.push(JSON.stringify(value ?? null));
  } else if (Array.isArray(value)) {
    let separator = '[';
    for (const item of value) {
      pieces.push(separator);
      write(item, holders, pieces);
      separator = ',';
    }
    pieces.push(']');
  } else {
    let separator = '{';
    for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
      if (member === undefined) continue;
      pieces.push(separator, JSON.stringify(key), ':');
      write(member, holders, pieces);
      separator = ',';
    }
    pieces.push('}');
  }
};

/** Behind the white space that begins here. */
export const skipSpace = (text: string, from: number): number => {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9;) {
    at += 1;
    code = text.charCodeAt(at);
  }
  return at;
};

/**
 * From the opening quote to behind the closing one, or past the text's end where there is none. Jumps from quote to
 * quote: a long text costs one native search.
 */
export const skipString = (text: string, from: number): number => {
  let end = text.indexOf('"', from + 1);
  while (end !== -1) {
    if (!isEscaped(text, end)) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length + 1;
};

/** Whether the character at a position inside a string stands behind a backslash that counts. */
const isEscaped = (text: string, position: number): boolean => {
  let slashes = 0;
  while (text.charCodeAt(position - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
};

const skipValue = (text: string, from: number): number => {
  let at = from;
  let depth = 0;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (code === COMMA || code <= 32)) {
      return at;
    }
  }
  return at;
};

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
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
const LITERALS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

/** Our own reader: slower than the engine's, but it knows positions and can keep a value's text. */
const readExactly = (text: string, raw: ReadonlySet<string>, maxDepth: number): unknown => {
  let at = 0;
  /** Something is certainly wrong ahead. */
  let isBroken = false;

  const fail = (problem: string, position = at): never => {
    const ended = position >= text.length;
    throw new JsonError(ended ? 'the JSON ends too early,' : problem, text, Math.min(position, text.length));
  };

  const readString = (): string => {
    const start = at;
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
      // Assignment would take `__proto__` for the prototype; a repeated name keeps its last value.
      Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
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
    for (const [word, value] of LITERALS) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    NUMBER.lastIndex = at;
    const source = NUMBER.exec(text)?.[0];
    if (source === undefined) return fail('a value is expected');
    at += source.length;
    return keepNumber('', Number(source), { source });
  };

  at = skipSpace(text, at);
  const value = readValue(maxDepth);
  at = skipSpace(text, at);
  if (at < text.length) fail('something follows the end of the JSON');
  return value;
};
