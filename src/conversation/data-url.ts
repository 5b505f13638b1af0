/** `data:` URLs as clients really write them, and base64 in all its spellings. */
import { isOpenMediaType } from './media-types.ts';

export interface Data {
  /** Absent where the URL names none, or nothing better than "some bytes". */
  readonly mimeType: string | undefined;
  /** Standard base64, padded. */
  readonly data: string;
}

export const isDataUrl = (url: string): boolean => /^\s*data:/i.test(url);

/** Of all that stands before the data: a type and a few words. Megabytes of semicolons would be as many words. */
const LONGEST_HEAD = 1024;

/** Undefined where it is broken or empty. */
export const readDataUrl = (url: string): Data | undefined => {
  const comma = url.indexOf(',');
  if (comma === -1 || comma > LONGEST_HEAD) return undefined;
  const [first = '', ...parameters] = url
    .slice(url.indexOf(':') + 1, comma)
    .split(';')
    .map((word) => word.trim());
  const mimeType = first.includes('/') && !isOpenMediaType(first) ? first : undefined;
  const isBase64 = [first, ...parameters].some((word) => word.toLowerCase() === 'base64');
  const payload = url.slice(comma + 1);
  const data = isBase64 ? toStandardBase64(payload) : percentDecode(payload).toString('base64');
  return data === undefined || data === '' ? undefined : { mimeType, data };
};

/** Without white space, in the standard alphabet, padded. Undefined where it is no base64, or empty. */
export const toStandardBase64 = (text: string): string | undefined => {
  const end = text.search(/[^A-Za-z\d+/]/);
  const rest = end === -1 ? '' : text.slice(end, end + LONGEST_PADDING + 1);
  if (!/^={0,2}$/.test(rest)) return rewritten(text);
  // Megabytes that are in order already are not copied.
  const data = text.slice(0, text.length - rest.length);
  if (data === '' || data.length % 4 === 1) return undefined;
  return data + '='.repeat((4 - (data.length % 4)) % 4);
};

const LONGEST_PADDING = 2;

const rewritten = (sent: string): string | undefined => {
  const text = sent.includes('%') ? percentDecode(sent).toString('latin1') : sent;
  const padded = text.indexOf('=');
  // Nothing stands behind the padding.
  if (padded !== -1 && !/^(?:=\s*){1,2}$/.test(text.slice(padded))) return undefined;
  const letters = padded === -1 ? text : text.slice(0, padded);
  if (/[^A-Za-z\d+/\-_\s]/.test(letters)) return undefined;
  const bytes = readBase64(letters);
  const hasOneTooMany = bytes.length % 3 === 0 && readBase64(`${letters}A`).length > bytes.length;
  return hasOneTooMany || bytes.length === 0 ? undefined : bytes.toString('base64');
};

/** In both alphabets, with blanks; of a letter too many nothing is said. */
const readBase64 = (letters: string): Buffer => Buffer.from(letters, 'base64');

const PERCENT = 37;

const NO_DIGIT = 255;
const HEX = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? NO_DIGIT : value;
});

const percentDecode = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  let end = bytes.indexOf(PERCENT);
  if (end === -1) return bytes;
  for (let at = end; at < bytes.length; at += 1) {
    let byte = bytes[at] ?? 0;
    if (byte === PERCENT && at + 2 < bytes.length) {
      const [high, low] = [HEX[bytes[at + 1] ?? 0] ?? NO_DIGIT, HEX[bytes[at + 2] ?? 0] ?? NO_DIGIT];
      if (high < 16 && low < 16) {
        byte = high * 16 + low;
        at += 2;
      }
    }
    bytes[end] = byte;
    end += 1;
  }
  return bytes.subarray(0, end);
};
