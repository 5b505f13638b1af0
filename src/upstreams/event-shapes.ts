/**
 * Events of one stream are alike: they differ in a text and in some counts. What has been parsed once serves the next
 * event of the same shape, of which only the differences are read: 0.2 µs instead of 1.1 for each event, and 0.5 where
 * its value is asked for.
 */
import type { Chunk } from '../gemini/call.ts';
import { isObject } from '../json.ts';
import { skipSpace, skipString } from '../json/text.ts';

export interface EventShapes {
  /** The event's chunk, the same as parsing would bring; undefined where it must be parsed. */
  match(payload: string): Chunk | undefined;
  /** This payload has been parsed, and unwrapped to this chunk. */
  learn(payload: string, chunk: Chunk): void;
}

/** Of texts and thoughts, with counts and without: a stream has few shapes, and one with more of them gains nothing. */
const MOST_SHAPES = 4;
const MOST_LESSONS = 8;
const LONGEST_LESSON = 8192;

export const createEventShapes = (): EventShapes => {
  const shapes: Shape[] = [];
  // The first event of a stream is hardly ever like the others.
  let lessons = -1;

  return {
    match: (payload) => {
      for (const [index, shape] of shapes.entries()) {
        const differences = differencesOf(payload, shape);
        if (!differences) continue;
        if (index > 0) shapes.unshift(...shapes.splice(index, 1));
        return new AlikeChunk(payload.slice(shape.head, payload.length - shape.tail), shape.build, differences);
      }
      return undefined;
    },
    learn: (payload, chunk) => {
      lessons += 1;
      if (lessons < 1 || lessons > MOST_LESSONS || payload.length > LONGEST_LESSON) return;
      const shape = shapeOf(payload, chunk);
      if (shape) shapes.unshift(shape);
      shapes.length = Math.min(shapes.length, MOST_SHAPES);
    },
  };
};

/** What differs from event to event: the inside of a string, or a whole number. */
type Difference = string | number;
type Build = (differences: readonly Difference[]) => unknown;

interface Gap {
  readonly kind: 'text' | 'count';
  readonly start: number;
  readonly end: number;
}

interface Shape {
  /** What is the same in all, around the gaps: one more than there are gaps. */
  readonly pieces: readonly string[];
  readonly gaps: readonly Gap['kind'][];
  /** Where the chunk's text stands in the payload, from its beginning and from its end. */
  readonly head: number;
  readonly tail: number;
  readonly build: Build;
}

/** A class, for there are hundreds at a time: as an object with a getter of its own each costs twice the memory. */
class AlikeChunk implements Chunk {
  readonly json: string;
  readonly #build: Build;
  readonly #differences: readonly Difference[];
  #value: Chunk['value'] | undefined;

  constructor(json: string, build: Build, differences: readonly Difference[]) {
    this.json = json;
    this.#build = build;
    this.#differences = differences;
  }

  get value(): Chunk['value'] {
    return (this.#value ??= this.#build(this.#differences) as Chunk['value']);
  }
}

const differencesOf = (payload: string, { pieces, gaps }: Shape): readonly Difference[] | undefined => {
  const differences: Difference[] = [];
  let at = 0;
  for (let index = 0; index < gaps.length; index += 1) {
    at = skipPiece(payload, at, pieces[index] ?? '');
    if (at === -1) return undefined;
    const end = gaps[index] === 'text' ? skipString(payload, at - 1) - 1 : endOfCount(payload, at);
    if (end === -1) return undefined;
    const difference = gaps[index] === 'text' ? readText(payload.slice(at, end)) : readCount(payload, at, end);
    if (difference === undefined) return undefined;
    differences.push(difference);
    at = end;
  }
  return skipPiece(payload, at, pieces.at(-1) ?? '') === payload.length ? differences : undefined;
};

/** Behind the piece where it stands here, else -1. A comparison of slices takes a third of what `startsWith` does. */
const skipPiece = (payload: string, from: number, piece: string): number =>
  payload.slice(from, from + piece.length) === piece ? from + piece.length : -1;

const CONTROL = /[^\u0020-\u{10ffff}]/u;

/** The inside of a JSON string, without its quotes. */
const readText = (inside: string): string | undefined => {
  if (!inside.includes('\\')) return CONTROL.test(inside) ? undefined : inside;
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch {
    return undefined;
  }
};

const MOST_DIGITS = 15;
const ZERO = 48;

/** Behind the digits of an integer that JavaScript holds exactly; -1 where there is none. */
const endOfCount = (text: string, from: number): number => {
  let at = from;
  while (isDigit(text.charCodeAt(at))) at += 1;
  const length = at - from;
  return length === 0 || length > MOST_DIGITS || (length > 1 && text.charCodeAt(from) === ZERO) ? -1 : at;
};

const isDigit = (code: number): boolean => code >= ZERO && code < ZERO + 10;

const readCount = (text: string, from: number, end: number): number => {
  let count = 0;
  for (let at = from; at < end; at += 1) count = count * 10 + text.charCodeAt(at) - ZERO;
  return count;
};

const shapeOf = (payload: string, { json, value }: Chunk): Shape | undefined => {
  const head = payload.indexOf(json);
  // Text that stands there twice could be mistaken for its double.
  const found = head === -1 || payload.lastIndexOf(json) !== head ? undefined : findGaps(json, value);
  if (!found) return undefined;
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end } of found.gaps) {
    pieces.push(payload.slice(at, head + start));
    at = head + end;
  }
  pieces.push(payload.slice(at));
  const tail = payload.length - head - json.length;
  return { pieces, gaps: found.gaps.map(({ kind }) => kind), head, tail, build: found.build };
};

/** Thrown away with the whole lesson: a text that is not written the way its reading says. */
class NoShape extends Error {}

/** The gaps in the text of a value, and how to make the value of another text from what stands in them. */
const findGaps = (
  text: string,
  whole: unknown,
): { readonly gaps: readonly Gap[]; readonly build: Build } | undefined => {
  const gaps: Gap[] = [];
  let at = 0;

  const gap = (kind: Gap['kind'], start: number, end: number): Build => {
    const index = gaps.push({ kind, start, end }) - 1;
    return (differences) => differences[index];
  };

  /** Undefined for what is the same in all events. */
  const walk = (value: unknown, name: string): Build | undefined => {
    at = skipSpace(text, at);
    const start = at;
    if (Array.isArray(value)) return walkMembers(value, value.length, () => '');
    if (isObject(value)) return walkMembers({ ...value }, Object.keys(value).length, readName);
    if (typeof value === 'string') {
      at = skipString(text, at);
      return name === 'text' ? gap('text', start + 1, at - 1) : undefined;
    }
    while (at < text.length && !',]} \t\r\n'.includes(text.charAt(at))) at += 1;
    return name.endsWith('Count') && endOfCount(text, start) === at ? gap('count', start, at) : undefined;
  };

  const readName = (): string => {
    const start = at;
    at = skipString(text, at);
    const name = JSON.parse(text.slice(start, at)) as string;
    at = skipSpace(text, at) + 1;
    return name;
  };

  const walkMembers = (
    owner: Record<string, unknown> | unknown[],
    count: number,
    nameOf: () => string,
  ): Build | undefined => {
    const members = owner as Record<string | number, unknown>;
    const changing: Change[] = [];
    at = skipSpace(text, at + 1);
    for (let index = 0; index < count; index += 1) {
      at = skipSpace(text, at);
      const name = nameOf();
      const key = Array.isArray(owner) ? index : name;
      if (!Object.hasOwn(owner, key) || key === '__proto__') throw new NoShape();
      const build = walk(members[key], name);
      if (build) changing.push({ key, build });
      at = skipSpace(text, at) + 1;
    }
    if (count === 0) at += 1;
    // More members than the reading has: a name stands there twice.
    if (text.charAt(at - 1) !== (Array.isArray(owner) ? ']' : '}')) throw new NoShape();
    if (changing.length === 0) return undefined;
    return Array.isArray(owner) ? copyOfList(owner, changing) : copyOf(owner, changing);
  };

  try {
    const build = walk(whole, '') ?? (() => whole);
    return at === text.length ? { gaps, build } : undefined;
  } catch (error) {
    if (error instanceof NoShape) return undefined;
    throw error;
  }
};

interface Change {
  readonly key: string | number;
  readonly build: Build;
}

const copyOf =
  (owner: Readonly<Record<string | number, unknown>>, changes: readonly Change[]): Build =>
  (differences) => {
    const copy = { ...owner };
    for (const { key, build } of changes) copy[key] = build(differences);
    return copy;
  };

const copyOfList =
  (owner: readonly unknown[], changes: readonly Change[]): Build =>
  (differences) => {
    const copy = owner.slice();
    for (const { key, build } of changes) copy[key as number] = build(differences);
    return copy;
  };
