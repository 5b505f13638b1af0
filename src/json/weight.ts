/** What it costs the engine to read a JSON text beyond its length, told without reading it. */
import { LONGEST_NAME } from './large-limits.ts';
import { COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, skipString } from './text.ts';

/** A name may be one that was never seen: the engine looks each up among all it knows. */
const WEIGHT_OF_NAME = 2;

/**
 * Whether its values (each weighs 1 for the mark that stands before it) and their names (2 each) weigh more than `most`,
 * or one of its names is so long that the engine would tell it from others by its length alone. Nothing of fewer letters
 * than `most` does. Strings are passed over by a native search: a picture costs next to nothing.
 */
export const isHeavierThan = (text: string, most: number): boolean => {
  if (text.length <= most) return false;
  let weight = 0;
  let lastString = 0;
  let nextSearch = NEAR;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = skipString(text, at);
        lastString = end - at;
        at = end - 1;
        break;
      }
      case COLON:
        if (lastString > LONGEST_NAME) return true;
        weight += WEIGHT_OF_NAME;
        break;
      case COMMA:
      case OPEN_BRACE:
      case OPEN_BRACKET:
        weight += 1;
        break;
      default:
        if (at < nextSearch) continue;
        at = behindPlain(text, at) - 1;
    }
    nextSearch = at + NEAR;
    if (weight > most) return true;
  }
  return false;
};

/** So many letters are looked at one by one before a search, which costs as much as some dozens of them. */
const NEAR = 64;
const MARK = /["{[,:]/g;

/** Past white space, and numbers as long as somebody likes. */
const behindPlain = (text: string, from: number): number => {
  MARK.lastIndex = from;
  return MARK.test(text) ? MARK.lastIndex - 1 : text.length;
};
