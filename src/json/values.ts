/** How many values a JSON text holds, without reading it: what costs time and memory whatever its length. */
import { behindLetters, lettersOf } from './escapes.ts';
import type { Letters } from './escapes.ts';
import { createPace } from './pace.ts';
import { COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './text.ts';

/** Every mark that may begin a value; strings within are not told apart. */
export const countMarks = (bytes: Uint8Array, start: number, end: number): number => {
  let count = 0;
  for (let at = start; at < end; at += 1) if (isMark(bytes[at])) count += 1;
  return count;
};

/** Counted without parsing, strings left out, and no further than to more than `most`. */
export const holdsMoreValues = (bytes: Buffer, most: number): boolean => {
  const counted = nothingCounted();
  const letters = lettersOf(bytes);
  while (counted.upTo < bytes.length && counted.values <= most) countFurther(letters, counted);
  return counted.values > most;
};

/** The same of a large text, with turns of the event loop in between. */
export const holdsMoreInTurns = async (bytes: Buffer, most: number): Promise<boolean> => {
  const pace = createPace();
  const counted = nothingCounted();
  const letters = lettersOf(bytes);
  while (counted.upTo < bytes.length && counted.values <= most) {
    countFurther(letters, counted);
    await pace(STRETCH);
  }
  return counted.values > most;
};

const nothingCounted = (): Counted => ({ upTo: 0, values: 1, isInString: false });

interface Counted {
  upTo: number;
  values: number;
  isInString: boolean;
}

const STRETCH = 512 * 1024;

const countFurther = (letters: Letters, counted: Counted): void => {
  const { bytes } = letters;
  let { upTo: at, values, isInString } = counted;
  const stop = Math.min(at + STRETCH, bytes.length);
  for (; at < stop; at += 1) {
    const code = bytes[at];
    if (isInString || code === QUOTE) {
      at = behindLetters(letters, isInString ? at : at + 1, stop);
      isInString = at >= stop;
    } else if (isMark(code)) values += 1;
  }
  // A string that goes on has been passed up to there, not beyond.
  counted.upTo = isInString ? at - 1 : at;
  counted.values = values;
  counted.isInString = isInString;
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
