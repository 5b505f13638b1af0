/** Looks for a few values in JSON that passes by in pieces: a whole text, or the events of a stream. Keeps nothing of it. */
import { isOfNumber } from './scalars.ts';
import { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './text.ts';

export interface JsonWatch {
  /** What is found in these bytes is told before it returns. */
  push(bytes: Uint8Array): void;
}

/** A string's own text, or a number as it is written. */
export type Told = (path: string, value: string) => void;

/** Deeper than anything that is looked for; what is so deep is not watched any more. */
const DEEPEST = 500;
/** Longer strings are none of those that are looked for. */
const LONGEST = 4096;

/**
 * `paths`: names of members with dots between them; the items of a list have the list's own path. Before and between
 * values anything may stand, such as the `data:` of an event.
 */
export const watchJson = (paths: readonly string[], told: Told): JsonWatch => new Watch(paths, told);

interface Level {
  readonly isList: boolean;
  /** Undefined where nothing in it is looked for. */
  readonly path: string | undefined;
  key: string | undefined;
  /** A value comes next, not a name. */
  isAtValue: boolean;
}

class Watch implements JsonWatch {
  readonly #wanted: ReadonlySet<string>;
  /** Of all that lead to something wanted. */
  readonly #ways: ReadonlySet<string>;
  readonly #told: Told;
  readonly #levels: Level[] = [];
  /** Of the string or number in progress, where it may be of use. */
  #text: number[] | undefined;
  #state: 'between' | 'string' | 'escape' | 'number' = 'between';
  #isName = false;
  #isLost = false;

  constructor(paths: readonly string[], told: Told) {
    this.#wanted = new Set(paths);
    this.#ways = new Set(['', ...paths.flatMap(waysTo)]);
    this.#told = told;
  }

  push(bytes: Uint8Array): void {
    if (this.#isLost) return;
    for (const byte of bytes) {
      switch (this.#state) {
        case 'string':
          if (byte === QUOTE) this.#endString();
          else {
            if (byte === BACKSLASH) this.#state = 'escape';
            this.#keep(byte);
          }
          break;
        case 'escape':
          this.#state = 'string';
          this.#keep(byte);
          break;
        case 'number':
          if (isOfNumber(byte)) {
            this.#keep(byte);
            break;
          }
          this.#endNumber();
          this.#structure(byte);
          break;
        case 'between':
          this.#structure(byte);
      }
    }
  }

  #structure(byte: number): void {
    const level = this.#levels.at(-1);
    switch (byte) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.#open(byte === OPEN_BRACKET, level);
        return;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        this.#levels.pop();
        return;
    }
    // Outside of all values.
    if (!level) return;
    switch (byte) {
      case COLON:
        level.isAtValue = true;
        return;
      case COMMA:
        level.isAtValue = level.isList;
        return;
      case QUOTE:
        this.#state = 'string';
        this.#isName = !level.isAtValue;
        this.#text = this.#isName ? (level.path === undefined ? undefined : []) : this.#textOf(level);
        return;
    }
    if (level.isAtValue && isOfNumber(byte)) {
      this.#text = this.#textOf(level);
      if (!this.#text) return;
      this.#state = 'number';
      this.#text.push(byte);
    }
  }

  #open(isList: boolean, parent: Level | undefined): void {
    if (this.#levels.length >= DEEPEST) this.#isLost = true;
    const path = parent ? pathIn(parent) : '';
    const isOnTheWay = path !== undefined && (this.#ways.has(path) || (isList && this.#wanted.has(path)));
    this.#levels.push({ isList, path: isOnTheWay ? path : undefined, key: undefined, isAtValue: isList });
  }

  #textOf(level: Level): number[] | undefined {
    const path = pathIn(level);
    return path !== undefined && this.#wanted.has(path) ? [] : undefined;
  }

  #keep(byte: number): void {
    if (!this.#text) return;
    if (this.#text.length < LONGEST) this.#text.push(byte);
    else this.#text = undefined;
  }

  #endString(): void {
    this.#state = 'between';
    const level = this.#levels.at(-1);
    const text = this.#text && readString(this.#text);
    this.#text = undefined;
    if (!level) return;
    if (this.#isName) level.key = text;
    else if (text !== undefined) this.#tell(level, text);
  }

  #endNumber(): void {
    this.#state = 'between';
    const level = this.#levels.at(-1);
    if (level && this.#text) this.#tell(level, String.fromCharCode(...this.#text));
    this.#text = undefined;
  }

  #tell(level: Level, value: string): void {
    const path = pathIn(level);
    if (path !== undefined) this.#told(path, value);
  }
}

const pathIn = ({ isList, path, key }: Level): string | undefined => {
  if (isList || path === undefined) return path;
  if (key === undefined) return undefined;
  return path === '' ? key : `${path}.${key}`;
};

/** `a.b.c` is reached by `a` and `a.b`. */
const waysTo = (path: string): readonly string[] => {
  const names = path.split('.');
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('.'));
};

const readString = (text: readonly number[]): string | undefined => {
  try {
    return JSON.parse(`"${Buffer.from(text).toString()}"`) as string;
  } catch {
    return undefined;
  }
};
