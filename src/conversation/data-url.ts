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
  // Megabytes that are in order already are not copied.
  const data = /^={0,2}$/.test(rest) ? text.slice(0, text.length - rest.length) : rewritten(text);
  if (data === undefined || data === '' || data.length % 4 === 1) return undefined;
  return data + '='.repeat((4 - (data.length % 4)) % 4);
};

const LONGEST_PADDING = 2;

/** Letter by letter into bytes: the engine's own ways to replace make a list of all places, and take a hundred times as long. */
const rewritten = (text: string): string | undefined => {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  let padding = 0;
  for (let at = 0; at < text.length; at += 1) {
    let code = text.charCodeAt(at);
    if (code === PERCENT) {
      code = escapedBy(text.charCodeAt(at + 1), text.charCodeAt(at + 2));
      at += 2;
    }
    const letter = STANDARD[code] ?? (isBlank(code) ? BLANK : NONE);
    if (letter === BLANK) continue;
    if (letter === PADDING) {
      padding += 1;
      continue;
    }
    // Nothing stands behind the padding.
    if (letter === NONE || padding > 0) return undefined;
    bytes[length] = letter;
    length += 1;
  }
  return padding > LONGEST_PADDING ? undefined : bytes.toString('latin1', 0, length);
};

const PERCENT = 37;
const PADDING = 61;
/** No letter of base64 has these codes. */
const NONE = 0;
const BLANK = 32;

/** Of the first 128 letters, what each is in the standard alphabet. */
const STANDARD = Uint8Array.from({ length: 128 }, (_, code) => {
  const letter = String.fromCharCode(code);
  if (/[A-Za-z\d+/=]/.test(letter)) return code;
  if (letter === '-') return '+'.charCodeAt(0);
  if (letter === '_') return '/'.charCodeAt(0);
  return /\s/.test(letter) ? BLANK : NONE;
});

const isBlank = (code: number): boolean => /\s/.test(String.fromCharCode(code));

const HEX: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  const value = parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? -1 : value;
});

/** What the two digits behind a percent sign stand for; -1 where they are none. */
const escapedBy = (high: number | undefined, low: number | undefined): number => {
  const [first, second] = [HEX[high ?? -1] ?? -1, HEX[low ?? -1] ?? -1];
  return first === -1 || second === -1 ? -1 : first * 16 + second;
};

const percentDecode = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  let end = bytes.indexOf(PERCENT);
  if (end === -1) return bytes;
  for (let at = end; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const escaped = byte === PERCENT ? escapedBy(bytes[at + 1], bytes[at + 2]) : -1;
    bytes[end] = escaped === -1 ? byte : escaped;
    if (escaped !== -1) at += 2;
    end += 1;
  }
  return bytes.subarray(0, end);
};
