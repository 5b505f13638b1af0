/** JSON as text: found, trimmed and repaired by index, without parsing what is around. Linear in the text, always. */

/**
 * The same text in memory of its own. A piece of a longer text holds all of that for as long as it lives: of a read of
 * 60 KB, one word that a stream keeps would keep 60 KB. Only halves of surrogate pairs, which come from escapes alone,
 * stay where they are.
 */
export const ownText = (text: string): string => (text.isWellFormed() ? Buffer.from(text).toString() : text);

/** The text of a valid JSON value without the white space between its tokens. */
export const compactJson = (text: string): string => {
  if (!hasSpaceBetween(text)) return text;
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

/** Strings are jumped over: in a long one, blanks are no reason to copy it. */
const hasSpaceBetween = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = skipString(text, at) - 1;
    else if (code === 32 || code === 10 || code === 13 || code === 9) return true;
  }
  return false;
};

/**
 * Escapes of halves of a surrogate pair (`\ud83d` alone) become U+FFFD: Google refuses them, and they are no text.
 * Works on JSON text, so that nothing behind it needs to care.
 */
export const fixSurrogates = (text: string): string => {
  // Each is quicker than what follows it.
  if (!text.includes('\\') || !/\\u[dD]/.test(text)) return text;
  // As bytes, in place: what comes instead is as long. A piece of text for each would take half a second for 16 MiB.
  const bytes = Buffer.from(text);
  return fixHalves(bytes) ? bytes.toString() : text;
};

/** Whether there were any. */
const fixHalves = (bytes: Buffer): boolean => {
  let hasAny = false;
  /** Where an unanswered first half stands. */
  let open = -1;
  const fix = (position: number): void => {
    bytes.write('\\ufffd', position, 'latin1');
    hasAny = true;
  };
  for (let at = bytes.indexOf(BACKSLASH); at < bytes.length && at !== -1;) {
    if (bytes[at] !== BACKSLASH) {
      at += 1;
    } else if (bytes[at + 1] !== CODE_U) {
      at += 2;
    } else {
      const half = halfOf(bytes, at);
      if (half === 'second' && open !== -1 && open === at - SURROGATE_LENGTH) {
        open = -1;
      } else if (half !== undefined) {
        if (open !== -1) fix(open);
        open = half === 'first' ? at : -1;
        if (half === 'second') fix(at);
      }
      at += half === undefined ? 2 : SURROGATE_LENGTH;
    }
  }
  if (open !== -1) fix(open);
  return hasAny;
};

/** By the two digits that tell: `d8` to `db` and `dc` to `df`. The engine checks the other two. */
const halfOf = (bytes: Buffer, at: number): 'first' | 'second' | undefined => {
  if (((bytes[at + 2] ?? 0) | 32) !== CODE_D) return undefined;
  const digit = bytes[at + 3] ?? 0;
  if (digit === 56 || digit === 57) return 'first';
  const letter = digit | 32;
  if (letter === 97 || letter === 98) return 'first';
  return letter >= 99 && letter <= 102 ? 'second' : undefined;
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
const CODE_D = 100;
const CODE_U = 117;
export const QUOTE = 34;
export const COMMA = 44;
export const COLON = 58;
export const OPEN_BRACKET = 91;
export const BACKSLASH = 92;
export const CLOSE_BRACKET = 93;
export const OPEN_BRACE = 123;
export const CLOSE_BRACE = 125;

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
 * quote, so that a long text costs one native search; where escaped quotes stand close together, letter by letter, for
 * a search for each of millions costs ten times as much.
 */
export const skipString = (text: string, from: number): number => {
  let at = from + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end === -1) return text.length + 1;
    if (text.charCodeAt(end - 1) !== BACKSLASH || !isEscaped(text, end)) return end + 1;
    // Behind an escaped quote every letter may be looked at in turn.
    at = end + 1;
    for (const near = Math.min(at + NEAR, text.length); at < near; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) at += 1;
    }
  }
};

/** So many letters are looked at before the next search. */
const NEAR = 64;

/** Whether the character at a position inside a string stands behind a backslash that counts. */
export const isEscaped = (text: string, position: number): boolean => {
  let slashes = 0;
  while (text.charCodeAt(position - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
};

/** Behind the value that begins here, in valid JSON. */
export const skipValue = (text: string, from: number): number => {
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
