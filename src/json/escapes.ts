/** Strings of JSON in bytes: where one ends, and what it means. */
import { BACKSLASH, QUOTE } from './text.ts';

/** Bytes that are looked at one by one, or four at once: of plain letters that takes a sixth of the time. */
export interface Letters {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export const lettersOf = (bytes: Buffer): Letters => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
});

/**
 * Bits of four bytes, the lowest of which lies in the first that is 0; none where none is. Numbers as they are, here
 * and below: a name of this file's own would be a variable in the package, which the engine reads each time.
 */
const zerosOf = (four: number): number => (four - 0x01010101) & ~four & 0x80808080;

/** The same for the first that is no plain letter: a quote, a backslash, or a control character. */
const marksOf = (four: number): number =>
  zerosOf(four ^ 0x22222222) | zerosOf(four ^ 0x5c5c5c5c) | ((four - 0x20202020) & ~four & 0x80808080);

/** In which of the four bytes the lowest of these bits lies. */
const placeOf = (bits: number): number => (31 - Math.clz32(bits & -bits)) >> 3;

/** Behind what a string may hold, up to `stop` or little more. */
export const behindLetters = ({ bytes, view }: Letters, start: number, stop: number): number => {
  let at = start;
  while (at < stop) {
    if (at + 4 <= stop) {
      const marks = marksOf(view.getInt32(at, true));
      if (marks === 0) {
        at += 4;
        continue;
      }
      at += placeOf(marks);
    }
    const code = bytes[at] ?? 0;
    if (code === BACKSLASH) {
      const length = escapeLength(bytes, at);
      if (length === 0) return at;
      at += length;
    } else if (code === QUOTE || code < 32) {
      return at;
    } else {
      at += 1;
    }
  }
  return at;
};

const CODE_U = 117;
/** Of the longest one. */
export const ESCAPE_LENGTH = 6;

/** 0 where it is none. */
const escapeLength = (bytes: Buffer, at: number): number => {
  const kind = bytes[at + 1] ?? 0;
  if (kind !== CODE_U) return MEANT[kind] === 0 ? 0 : 2;
  return unitAt(bytes, at) === -1 ? 0 : ESCAPE_LENGTH;
};

/** What stands behind a backslash, and what it means. */
const MEANT = new Uint8Array(256);
for (const [escape, meant] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  MEANT[escape?.charCodeAt(0) ?? 0] = meant?.charCodeAt(0) ?? 0;
}

const DIGIT = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  DIGIT[digit.charCodeAt(0)] = value;
  DIGIT[digit.toUpperCase().charCodeAt(0)] = value;
}

const digitAt = (bytes: Buffer, at: number): number => DIGIT[bytes[at] ?? 0] ?? -1;

/** The UTF-16 unit of an escape that begins here; -1 where there is none. */
const unitAt = (bytes: Buffer, at: number): number => {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== CODE_U) return -1;
  const high = (digitAt(bytes, at + 2) << 4) | digitAt(bytes, at + 3);
  const low = (digitAt(bytes, at + 4) << 4) | digitAt(bytes, at + 5);
  return high < 0 || low < 0 ? -1 : (high << 8) | low;
};

/** Up to where a string is read, and its meaning written. */
export interface Spot {
  from: number;
  to: number;
}

/** A room for what stands in so many bytes: letters are written four at once, and what is none of them written over. */
export const roomFor = (bytes: number): Letters => lettersOf(Buffer.allocUnsafeSlow(bytes + 2 * ESCAPE_LENGTH + 4));

/** Writes what stands there up to `stop`, or little behind, into the room. A half of a pair alone is U+FFFD in both. */
export const unescape = (
  { bytes, view }: Letters,
  spot: Spot,
  stop: number,
  { bytes: room, view: into }: Letters,
): void => {
  let { from, to } = spot;
  while (from < stop) {
    if (from + 4 <= stop) {
      const four = view.getInt32(from, true);
      const backslashes = zerosOf(four ^ 0x5c5c5c5c);
      const plain = backslashes === 0 ? 4 : placeOf(backslashes);
      into.setInt32(to, four, true);
      from += plain;
      to += plain;
      if (plain === 4) continue;
    }
    const code = bytes[from] ?? 0;
    if (code !== BACKSLASH) {
      room[to++] = code;
      from += 1;
    } else if (bytes[from + 1] !== CODE_U) {
      room[to++] = MEANT[bytes[from + 1] ?? 0] ?? 0;
      from += 2;
    } else {
      const unit = unitAt(bytes, from);
      let length = ESCAPE_LENGTH;
      let point = unit;
      if (unit >= 0xd800 && unit < 0xe000) {
        const second = unit < 0xdc00 ? unitAt(bytes, from + ESCAPE_LENGTH) : -1;
        if (second >= 0xdc00 && second < 0xe000) {
          point = 0x10000 + ((unit & 0x3ff) << 10) + (second & 0x3ff);
          length *= 2;
        } else {
          point = 0xfffd;
          bytes.write('\\ufffd', from, 'latin1');
        }
      }
      from += length;
      to = writePoint(room, point, to);
    }
  }
  spot.from = from;
  spot.to = to;
};

const writePoint = (bytes: Buffer, point: number, at: number): number => {
  let to = at;
  if (point < 0x80) {
    bytes[to++] = point;
    return to;
  }
  if (point < 0x800) {
    bytes[to++] = 0xc0 | (point >> 6);
  } else if (point < 0x10000) {
    bytes[to++] = 0xe0 | (point >> 12);
    bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
  } else {
    bytes[to++] = 0xf0 | (point >> 18);
    bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
    bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
  }
  bytes[to++] = 0x80 | (point & 0x3f);
  return to;
};
