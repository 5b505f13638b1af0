/** What it costs the engine to read a JSON text beyond its length, told without reading it. */
import { LONGEST_NAME } from './large-limits.ts';
import { COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './text.ts';

/** A name may be one that was never seen: the engine looks each up among all it knows. */
const WEIGHT_OF_NAME = 2;
/** To read one, and to write what it means, takes many times as long as a plain letter. */
const ESCAPES_OF_WEIGHT_1 = 4;

/**
 * Whether its values (each weighs 1 for the mark that stands before it), their names (2 each) and the escapes in strings
 * (a quarter each) weigh more than `most`, or one of its names is so long that the engine would tell it from others by
 * its length alone. Nothing of fewer letters than `most` does. Strings are passed over by a native search: a picture costs
 * next to nothing.
 */
export const isHeavierThan = (text: string, most: number): boolean => {
  if (text.length <= most) return false;
  const strings = new Strings(text, most * ESCAPES_OF_WEIGHT_1);
  let weight = 0;
  let lastString = 0;
  let nextSearch = NEAR;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = strings.skip(at);
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
    if (weight + Math.floor(strings.escapes / ESCAPES_OF_WEIGHT_1) > most) return true;
  }
  return false;
};

/** Jumps over strings, from quote to quote, and counts their escapes on the way; no more than `most` of them. */
class Strings {
  escapes = 0;
  readonly #text: string;
  readonly #most: number;
  /** Where the next ones stand that were found so far. */
  #quote = -1;
  #escape = -1;

  constructor(text: string, most: number) {
    this.#text = text;
    this.#most = most;
  }

  /** From the opening quote to behind the closing one, or past the text's end where there is none. */
  skip(from: number): number {
    const text = this.#text;
    // A search for each: few enough are let through, and to look at the letters between them took up to ten times as long.
    for (let at = from + 1; this.escapes <= this.#most; at = this.#escape + 2) {
      if (this.#quote < at) this.#quote = find(text, '"', at);
      if (this.#escape < at) this.#escape = find(text, '\\', at);
      if (this.#quote <= this.#escape) return this.#quote + 1;
      this.escapes += 1;
    }
    return text.length + 1;
  }
}

/** The text's end where there is none. */
const find = (text: string, mark: string, from: number): number => {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found;
};

/** So many letters are looked at one by one before a search, which costs as much as some dozens of them. */
const NEAR = 64;
const MARK = /["{[,:]/g;

/** Past white space, and numbers as long as somebody likes. */
const behindPlain = (text: string, from: number): number => {
  MARK.lastIndex = from;
  return MARK.test(text) ? MARK.lastIndex - 1 : text.length;
};
