/** Words and numbers of JSON in bytes. */
import { NUMBER, toExactNumber } from './reader.ts';

export const isSpace = (code: number | undefined): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** What stands here and where it ends; a text says what is wrong. */
export const readScalar = (bytes: Buffer, at: number): { readonly value: unknown; readonly end: number } | string => {
  for (const [letters, value] of WORDS) {
    const end = at + letters.length;
    if (letters[0] === bytes[at] && bytes.compare(letters, 0, letters.length, at, Math.min(end, bytes.length)) === 0)
      return { value, end };
  }
  let end = at;
  while (isOfNumber(bytes[end])) end += 1;
  if (end - at > LONGEST_NUMBER) return `a number is longer than ${LONGEST_NUMBER} digits`;
  const source = bytes.toString('latin1', at, end);
  NUMBER.lastIndex = 0;
  if (!NUMBER.test(source)) return 'a value is expected';
  const { lastIndex: length } = NUMBER;
  return { value: toExactNumber(source.slice(0, length)), end: at + length };
};

export const isOfNumber = (code = 0): boolean =>
  (code >= 48 && code <= 57) || code === 45 || code === 43 || code === 46 || code === 69 || code === 101;

const WORDS = [
  [Buffer.from('true'), true],
  [Buffer.from('false'), false],
  [Buffer.from('null'), null],
] as const;

/** Every digit of one is looked at several times. */
const LONGEST_NUMBER = 16 * 1024;
