/** `data:` URLs as clients really write them, and base64 in all its spellings. */
import { isOpenMediaType } from './media-types.ts';

export interface Data {
  /** Absent where the URL names none, or nothing better than "some bytes". */
  readonly mimeType: string | undefined;
  /** Standard base64, padded. */
  readonly data: string;
}

export const isDataUrl = (url: string): boolean => /^\s*data:/i.test(url);

/** Undefined where it is broken or empty. */
export const readDataUrl = (url: string): Data | undefined => {
  const comma = url.indexOf(',');
  if (comma === -1) return undefined;
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
  let data = text;
  // Megabytes that are in order already are not copied.
  if (/[^A-Za-z\d+/=]/.test(data)) {
    if (data.includes('%')) data = percentDecode(data).toString('latin1');
    data = data.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/');
  }
  const end = data.search(/[^A-Za-z\d+/]/);
  if (end !== -1) {
    if (!/^={1,2}$/.test(data.slice(end))) return undefined;
    data = data.slice(0, end);
  }
  if (data === '' || data.length % 4 === 1) return undefined;
  return data + '='.repeat((4 - (data.length % 4)) % 4);
};

const percentDecode = (text: string): Buffer => {
  if (!text.includes('%')) return Buffer.from(text, 'utf8');
  const pieces = text.split(/((?:%[\da-f]{2})+)/i);
  return Buffer.concat(
    pieces.map((piece, index) =>
      index % 2 === 1 ? Buffer.from(piece.replaceAll('%', ''), 'hex') : Buffer.from(piece, 'utf8'),
    ),
  );
};
