/**
 * Long strings of a large body, read in its bytes with turns of the event loop in between. The engine's own reader takes
 * a body at one stretch: a second for 64 MiB of escapes, in which nobody else is served. Here names stand for the long
 * strings while the rest is parsed, and each string is read by itself, piece by piece.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { ESCAPE_LENGTH, behindLetters, unescape } from './escapes.ts';
import type { Spot } from './escapes.ts';
import { RawJson } from './reader.ts';
import type { Place } from './reader.ts';
import { BACKSLASH, COLON, QUOTE, fixSurrogates } from './text.ts';
import { createPace } from './pace.ts';
import type { Pace } from './pace.ts';
import { mayHoldJson } from './values.ts';

/** A body with names in place of its long strings. */
export interface LiftedStrings {
  readonly rest: readonly Buffer[];
  /** Where in the body something stands that its reader found in the rest. */
  placeOf(positionInRest: number): Promise<Place>;
  /** Puts the strings into what the rest was parsed to. False where one is no UTF-8. */
  putBack(body: unknown): Promise<boolean>;
  readonly written: WrittenStrings;
}

/**
 * The longest strings as they were written, without quotes: nobody need write them again. By their length, and of several
 * of one length only the first: to take one for a key, the engine would put its pieces together and read them all.
 */
export type WrittenStrings = ReadonlyMap<number, { readonly text: string; readonly bytes: Buffer }>;

/** A smaller body costs its readers less than it would cost them to wait for one another. */
export const LARGE_BODY_BYTES = 4 * 1024 * 1024;
/** The rest of a body of 64 MiB is then some thousand names. */
export const LONG_STRING = 8 * 1024;
const DIGITS = 6;

interface LongString {
  readonly start: number;
  readonly end: number;
}

/** Undefined where there are none. The prefix must not occur in the body. */
export const liftStrings = async (bytes: Buffer, prefix: string): Promise<LiftedStrings | undefined> => {
  const pace = createPace();
  const { found: strings, start: open, at: broken } = await findStrings(bytes, pace);
  if (strings.length === 0 && open === NOWHERE) return undefined;
  const rest: Buffer[] = [];
  let done = 0;
  for (const [index, { start, end }] of strings.entries()) {
    rest.push(bytes.subarray(done, start), Buffer.from(prefix + String(index).padStart(DIGITS, '0')));
    done = end;
  }
  if (open === NOWHERE) rest.push(bytes.subarray(done));
  // A string that breaks off: what it holds until then is nothing to its reader, who will say what is wrong.
  else rest.push(bytes.subarray(done, open), broken < bytes.length ? brokenBy(bytes, broken) : NOTHING);

  /** Each second piece of the rest is a name. */
  const offsetOf = (positionInRest: number): number => {
    let left = positionInRest + (hasByteOrderMark(bytes) ? 1 : 0);
    for (const [index, { end }] of strings.entries()) {
      const text = (rest[2 * index] ?? NOTHING).toString();
      const start = strings[index - 1]?.end ?? 0;
      if (left <= text.length) return start + Buffer.byteLength(text.slice(0, left));
      left -= text.length + prefix.length + DIGITS;
      if (left < 0) return end;
    }
    const text = bytes.toString('utf8', done, open === NOWHERE ? bytes.length : open);
    if (left >= text.length && open !== NOWHERE) return broken;
    return done + Buffer.byteLength(text.slice(0, left));
  };

  const indexOf = (name: string): number => Number(name.slice(prefix.length, prefix.length + DIGITS));
  const written = new Map<number, { readonly text: string; readonly bytes: Buffer }>();
  const read = async (name: string): Promise<string> => {
    const found = strings[indexOf(name)];
    if (!found) return name;
    const pieces = await readPieces(bytes, found, pace);
    // The engine keeps it in its pieces as long as nobody looks inside.
    const text = pieces.reduce((whole, piece) => whole + piece, '');
    if (pieces.length > 1 && !written.has(text.length)) {
      written.set(text.length, { text, bytes: bytes.subarray(found.start, found.end) });
    }
    return text;
  };
  /** As it is written: what stays JSON text is not unescaped. */
  const inText = (text: string): string => {
    const pieces: string[] = [];
    let at = 0;
    for (let next = text.indexOf(prefix); next !== -1; next = text.indexOf(prefix, at)) {
      const found = strings[indexOf(text.slice(next))];
      pieces.push(text.slice(at, next), found ? fixSurrogates(bytes.toString('utf8', found.start, found.end)) : '');
      at = next + prefix.length + DIGITS;
    }
    pieces.push(text.slice(at));
    return pieces.join('');
  };

  return {
    rest,
    written,
    placeOf: (positionInRest) => placeAt(bytes, offsetOf(positionInRest), pace),
    putBack: async (body) => {
      for (const { start, end } of strings) {
        if (!isUtf8(bytes.subarray(start, end))) return false;
        await pace(end - start);
      }
      for (const { holder, key, value } of gapsOf(body, prefix)) {
        holder[key] = value instanceof RawJson ? new RawJson(inText(value.text)) : await read(value);
      }
      return true;
    },
  };
};

/** Where a name stands for a string. */
interface Gap {
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
  readonly value: string | RawJson;
}

const gapsOf = (body: unknown, prefix: string): readonly Gap[] => {
  const gaps: Gap[] = [];
  const look = (holder: Record<string | number, unknown>, key: string | number): void => {
    const value = holder[key];
    if (
      typeof value === 'string' ? value.startsWith(prefix) : value instanceof RawJson && value.text.includes(prefix)
    ) {
      gaps.push({ holder, key, value: value as string | RawJson });
    } else if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at += 1) look(value as never, at);
    } else if (typeof value === 'object' && value !== null && !(value instanceof RawJson) && !JSON.isRawJSON(value)) {
      for (const name of Object.keys(value)) look(value as Record<string, unknown>, name);
    }
  };
  look({ body }, 'body');
  return gaps;
};

/** Ends in a string, and nowhere else, where that holds what none can or has no end. */
const findStrings = async (bytes: Buffer, pace: Pace): Promise<Walk> => {
  const walk: Walk = { at: 0, start: NOWHERE, found: [] };
  while (walk.at < bytes.length) {
    const before = walk.at;
    const stop = Math.min(before + STRETCH, bytes.length);
    walkStrings(bytes, walk, stop);
    if (walk.at < stop) break;
    await pace(walk.at - before);
  }
  return walk;
};

/** The same kind of thing, and an end of the string. */
const brokenBy = (bytes: Buffer, at: number): Buffer => Buffer.from(bytes[at] === BACKSLASH ? '\\x"' : '\n"');

const NOTHING = Buffer.alloc(0);

const hasByteOrderMark = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const placeAt = async (bytes: Buffer, offset: number, pace: Pace): Promise<Place> => {
  const skipped = hasByteOrderMark(bytes) ? 1 : 0;
  const place = { line: 1, column: 1 - skipped, position: -skipped };
  for (let at = 0; at < offset;) {
    const stop = Math.min(at + STRETCH, offset);
    for (; at < stop; at += 1) {
      const code = bytes[at] ?? 0;
      // Neither the rest of a letter, nor more than two units of any.
      const units = (code & 0xc0) === 0x80 ? 0 : code < 0xf0 ? 1 : 2;
      place.position += units;
      place.column = code === LINE_FEED ? 1 : place.column + units;
      if (code === LINE_FEED) place.line += 1;
    }
    await pace(STRETCH);
  }
  return place;
};

const LINE_FEED = 10;
const STRETCH = 1024 * 1024;
const PIECE = 512 * 1024;
const NOWHERE = -1;

/** Where a walk over all strings has got to. */
interface Walk {
  at: number;
  /** Behind the opening quote of the string that it is in. */
  start: number;
  readonly found: LongString[];
}

/** Up to `stop` or little more; less far only where a string holds what it can't. */
const walkStrings = (bytes: Buffer, walk: Walk, stop: number): void => {
  let { at, start } = walk;
  while (at < stop) {
    if (start === NOWHERE) {
      while (at < stop && bytes[at] !== QUOTE) at += 1;
      if (at === stop) break;
      at += 1;
      start = at;
    }
    at = behindLetters(bytes, at, stop);
    if (at >= stop) break;
    if (bytes[at] !== QUOTE) break;
    if (at - start >= LONG_STRING && isPlainValue(bytes, start - 1, at)) walk.found.push({ start, end: at });
    start = NOWHERE;
    at += 1;
  }
  walk.at = at;
  walk.start = start;
};

/** A name of a member is left alone, and so is what may be JSON in its turn: its values are counted. */
const isPlainValue = (bytes: Buffer, quote: number, end: number): boolean => {
  let next = end + 1;
  while (isSpace(bytes[next])) next += 1;
  if (bytes[next] === COLON) return false;
  const before = Math.max(0, quote - LONGEST_HEAD);
  return !mayHoldJson(bytes.toString('latin1', before, quote), quote - before);
};

const isSpace = (code: number | undefined): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** Of a name, its colon, and the white space between. */
const LONGEST_HEAD = 256;

/** What the string means, piece by piece. Halves of pairs that stand alone become U+FFFD, also where they are written. */
const readPieces = async (bytes: Buffer, { start, end }: LongString, pace: Pace): Promise<readonly string[]> => {
  const hasEscapes = bytes.subarray(start, end).includes(BACKSLASH);
  // An escape is longer than what it means, and one may lie across the end of a piece.
  const room = hasEscapes ? Buffer.allocUnsafeSlow(Math.min(PIECE, end - start) + 2 * ESCAPE_LENGTH) : bytes;
  const pieces: string[] = [];
  for (let at = start; at < end;) {
    const before = at;
    let piece: Buffer;
    if (hasEscapes) {
      const spot: Spot = { from: at, to: 0 };
      unescape(bytes, spot, endOfPiece(bytes, at, end), room);
      piece = room.subarray(0, spot.to);
      at = spot.from;
    } else {
      piece = bytes.subarray(at, endOfPiece(bytes, at, end));
      at += piece.length;
    }
    pieces.push(piece.toString(isAscii(piece) ? 'latin1' : 'utf8'));
    await pace(at - before);
  }
  return pieces;
};

/** Between two letters. */
const endOfPiece = (bytes: Buffer, start: number, end: number): number => {
  let at = start + PIECE;
  if (at >= end) return end;
  while (((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
};
