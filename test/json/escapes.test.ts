import { describe, expect, test } from 'vitest';
import { behindLetters, lettersOf, roomFor, unescape } from '../../src/json/escapes.ts';
import type { Spot } from '../../src/json/escapes.ts';

const QUOTE = 34;
const BACKSLASH = 92;
/** As letters that differ by one from those that end a string, and with the highest bit. */
const AROUND = [33, 35, 91, 93, 97, 127, 128, 0xa2, 0xdc, 255];
const LONGEST = 11;
const BYTES = Array.from({ length: 256 }, (_, byte) => byte);

describe('behindLetters', () => {
  test.each(AROUND)('stops at what ends a string, wherever it stands among letters of %d', (letter) => {
    for (const byte of BYTES) {
      const isLetter = byte >= 32 && byte !== QUOTE && byte !== BACKSLASH;
      for (let length = 1; length <= LONGEST; length += 1) {
        for (let place = 0; place < length; place += 1) {
          // Never where the memory begins: a body may lie anywhere in it.
          const bytes = Buffer.alloc(length + 1, letter).subarray(1);
          bytes[place] = byte;
          const end = behindLetters(lettersOf(bytes), 0, length);
          if (end !== (isLetter ? length : place)) expect({ byte, place, length, end }).toBe('another end');
        }
      }
    }
  });

  test.each(['\\n', '\\\\', '\\"', '\\u00e9'])('passes over %s, also across the end', (escape) => {
    for (let before = 0; before < LONGEST; before += 1) {
      const bytes = Buffer.from(`${'a'.repeat(before)}${escape}b"`);
      expect(behindLetters(lettersOf(bytes), 0, bytes.length)).toBe(bytes.length - 1);
      expect(behindLetters(lettersOf(bytes), 0, before + 1)).toBe(before + escape.length);
    }
  });
});

describe('unescape', () => {
  const ESCAPES = [
    ['\\n', '\n'],
    ['\\"', '"'],
    ['\\u4e2d', '中'],
    ['\\ud83d\\ude00', '😀'],
    ['\\ud83d', '\ufffd'],
  ] as const;

  test.each(ESCAPES)('%s, wherever it stands', (escape, meant) => {
    for (let before = 0; before < LONGEST; before += 1) {
      for (let after = 0; after < LONGEST; after += 1) {
        const text = (inner: string): string => `${'é'.repeat(before)}${inner}${'a'.repeat(after)}`;
        const bytes = Buffer.from(text(escape));
        const room = roomFor(bytes.length);
        const spot: Spot = { from: 0, to: 0 };
        unescape(lettersOf(bytes), spot, bytes.length, room);
        expect(room.bytes.toString('utf8', 0, spot.to)).toBe(text(meant));
        expect(spot.from).toBe(bytes.length);
      }
    }
  });
});
