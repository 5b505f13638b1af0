/** How many values a JSON text holds, without reading it: what costs time and memory whatever its length. */
import { behindLetters } from './escapes.ts';
import { COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './text.ts';

/** Every mark that may begin a value; strings within are not told apart. */
export const countMarks = (bytes: Uint8Array, start: number, end: number): number => {
  let count = 0;
  for (let at = start; at < end; at += 1) if (isMark(bytes[at])) count += 1;
  return count;
};

/** Counted without parsing, strings left out, and no further than to more than `most`. */
export const holdsMoreValues = (bytes: Buffer, most: number): boolean => {
  let count = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const code = bytes[at];
    if (code === QUOTE) {
      at = behindLetters(bytes, at + 1, bytes.length);
    } else if (isMark(code)) {
      count += 1;
      if (count > most) return true;
    }
  }
  return false;
};

/**
 * About how many there are, by a quick look at one letter of many, so that an ordinary body is not counted. The steps
 * are of no one length, and `chance` (0 to 1) decides on them: nobody can write around them.
 */
export const guessValues = (bytes: Uint8Array, chance: number): number => {
  const step = stepsOf(chance);
  let marks = 0;
  for (let at = step() - 1; at < bytes.length; at += step()) if (isMark(bytes[at])) marks += 1;
  return marks * MEAN_STEP;
};

/** 1 to 128, each as often as the others. */
const stepsOf = (chance: number): (() => number) => {
  let state = Math.floor(chance * 2 ** 31) | 1;
  return () => {
    // Marsaglia's xorshift.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state & 127) + 1;
  };
};

const MEAN_STEP = 64.5;

const isMark = (code: number | undefined): boolean => code === COMMA || code === OPEN_BRACE || code === OPEN_BRACKET;
