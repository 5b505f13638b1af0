/** How many values a JSON text holds: what costs time and memory whatever its length. */
import { BACKSLASH, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, isEscaped } from './text.ts';

/**
 * Counted without parsing, and only until there are more than `most`. A string that a reader takes for JSON in its turn
 * (arguments of calls; messages and tools of clients that send them as text) counts for what it holds.
 */
export const countValues = (text: string, most: number): number => {
  let count = 1;
  for (let at = 0; at < text.length && count <= most; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = behindString(text, at);
      if (end - at > SHORT && mayHoldJson(text, at)) count += countMarks(text, at + 1, end - 1, most - count);
      at = end - 1;
    } else if (isMark(code)) {
      count += 1;
    }
  }
  return count;
};

/**
 * About how many there are, by a quick look at one letter of many, so that an ordinary body is not counted. It begins
 * where `chance` (0 to 1) says, so that nobody can write around it.
 */
export const guessValues = (text: string | Uint8Array, chance: number): number => {
  const start = Math.floor(chance * STRIDE);
  let marks = 0;
  // Once for each kind: a loop over both is the slow way for either.
  if (typeof text === 'string') {
    for (let at = start; at < text.length; at += STRIDE) if (isMark(text.charCodeAt(at))) marks += 1;
  } else {
    for (let at = start; at < text.length; at += STRIDE) if (isMark(text[at])) marks += 1;
  }
  return marks * STRIDE;
};

const isMark = (code: number | undefined): boolean => code === COMMA || code === OPEN_BRACE || code === OPEN_BRACKET;

const STRIDE = 61;

/** Of no shorter one it matters. */
const SHORT = 64;

/** Every mark that may begin a value; strings within are not told apart. */
const countMarks = (text: string, start: number, end: number, most: number): number => {
  let count = 0;
  for (let at = start; at < end && count <= most; at += 1) {
    if (isMark(text.charCodeAt(at))) count += 1;
  }
  return count;
};

/** By the end of the member's name; one that is spelled with escapes may be any. */
const NAMES = ['arguments"', 'messages"', 'tools"'];
const LONGEST_NAME = 64;

/** Whether the string whose quote stands here is one of those. */
export const mayHoldJson = (text: string, quote: number): boolean => {
  let colon = quote - 1;
  while (colon > 0 && text.charCodeAt(colon) <= 32) colon -= 1;
  if (text.charCodeAt(colon) !== COLON) return false;
  let end = colon - 1;
  while (end > 0 && text.charCodeAt(end) <= 32) end -= 1;
  if (NAMES.some((name) => text.startsWith(name, end + 1 - name.length))) return true;
  for (let at = end - 1; at > end - LONGEST_NAME && at >= 0; at -= 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) return true;
    if (code === QUOTE) break;
  }
  return false;
};

/**
 * As `skipString`, for texts of many short strings and escaped quotes: a native search for each of them costs more than
 * a look at all letters, and much less where the next quote is far.
 */
const behindString = (text: string, from: number): number => {
  let at = from + 1;
  while (at < text.length) {
    for (const near = Math.min(at + NEAR, text.length); at < near; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return at + 1;
      if (code === BACKSLASH) at += 1;
    }
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length + 1;
    if (quote - at > FAR) at = isEscaped(text, quote) ? quote + 1 : quote;
  }
  return text.length + 1;
};

const NEAR = 512;
const FAR = 2048;
