import type { Pace } from './pace.ts';
import type { Place } from './reader.ts';

/** Where a byte of a JSON text stands, as its writer counts: lines, columns, UTF-16 units. */
export const placeAt = async (bytes: Buffer, offset: number, pace: Pace): Promise<Place> => {
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

export const hasByteOrderMark = (bytes: Buffer): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

const LINE_FEED = 10;
const STRETCH = 1024 * 1024;
