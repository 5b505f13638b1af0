/** An address, a data: URL or bare base64 → the part that carries it, or a refusal that names the field. */
import { fileAddress, fileNameIn } from '../gemini/resources.ts';
import type { Part } from '../gemini/types.ts';
import type { KeptFields } from './kept-fields.ts';
import { isDataUrl, readDataUrl, toStandardBase64 } from './data-url.ts';
import { canonicalMediaType, isTextual, mediaTypeOfName, sniffMediaType } from './media-types.ts';
import { refusal } from '../errors/refusal.ts';

/** Where a medium is said to be, and the field that says it. */
export interface Address {
  readonly url: string;
  readonly param: string;
  readonly mimeType: string | undefined;
}

/** Remote images by URL, fetched before. */
export type RemoteImageData = ReadonlyMap<string, { readonly mimeType: string; readonly data: string }>;

export type Kind = 'image' | 'audio' | 'video' | 'file';

export const fromAddress = ({ url, param, mimeType }: Address, kind: Kind, images: RemoteImageData): Part => {
  if (isYouTube(url)) return { fileData: { fileUri: url.trim(), mimeType: 'video/*' } };
  if (isStorage(url)) {
    const known = mimeType ?? mediaTypeOfName(url);
    if (known === undefined) throw unknownType(param);
    return { fileData: { fileUri: url.trim(), mimeType: known } };
  }
  if (!isRemote(url)) return fromData(url, mimeType, kind, param);
  const fetched = images.get(url);
  if (fetched) return { inlineData: { mimeType: fetched.mimeType, data: fetched.data } };
  if (kind !== 'image') {
    throw refusal('unsupported_value', param, `'${param}': only images are fetched; send the ${kind} as a data: URL.`);
  }
  throw refusal(
    'invalid_image_url',
    param,
    /^\s*http:/i.test(url)
      ? `'${param}': plain http: addresses are not fetched; use https: or a data: URL.`
      : `'${param}': this image could not be fetched.`,
  );
};

/** A file that was uploaded before: as these clients call it, or as Google does. */
export const fromFileId = (id: string, mimeType: string | undefined, param: string, kept: KeptFields): Part => {
  const name = fileNameIn(id.replace(/^file-/, 'files/'));
  if (name === undefined) throw refusal('invalid_value', param, `'${param}' names no file. ${kept.fileFix}`);
  kept.note(name, param);
  return { fileData: { fileUri: fileAddress(name), ...(mimeType !== undefined && { mimeType }) } };
};

/** A data: URL, or bare base64. */
export const fromData = (text: string, hint: string | undefined, kind: Kind, param: string): Part => {
  if (!isDataUrl(text)) return fromBase64(text, hint, kind, param);
  const read = readDataUrl(text);
  if (!read) throw brokenData(kind, param);
  return toBlobPart(read.data, kind === 'audio' ? (hint ?? read.mimeType) : (read.mimeType ?? hint), kind, param);
};

export const fromBase64 = (text: string, hint: string | undefined, kind: Kind, param: string): Part => {
  const data = toStandardBase64(text);
  if (data === undefined) {
    // Neither base64 nor an address that we know: for an image it was most likely meant as an address.
    if (kind === 'image' && /^\s*[a-z][a-z\d+.-]*:/i.test(text)) {
      throw refusal('invalid_image_url', param, `'${param}' must be an https: address or a data: URL.`);
    }
    throw brokenData(kind, param);
  }
  return toBlobPart(data, hint, kind, param);
};

const toBlobPart = (data: string, given: string | undefined, kind: Kind, param: string): Part => {
  const mimeType = given === undefined ? sniffMediaType(data) : canonicalMediaType(given);
  if (mimeType === undefined) throw kind === 'image' ? brokenData(kind, param) : unknownType(param);
  const text = kind === 'file' && isTextual(mimeType) ? readUtf8(data) : undefined;
  if (text !== undefined && text !== '') return { text };
  return { inlineData: { mimeType, data } };
};

const readUtf8 = (base64: string): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
};

export const isRemote = (url: string): boolean => /^\s*https?:\/\//i.test(url);
const isStorage = (url: string): boolean => /^\s*gs:\/\//i.test(url);
const isYouTube = (url: string): boolean =>
  /^\s*https?:\/\/(?:(?:www\.|m\.)?youtube\.com\/(?:watch\?|shorts\/|live\/|embed\/)|youtu\.be\/)/i.test(url);
/** What Google itself fetches. */
export const isGoogleFile = (url: string): boolean => isStorage(url) || isYouTube(url);

const brokenData = (kind: Kind, param: string) =>
  refusal(
    kind === 'image' ? 'invalid_base64_image' : 'invalid_value',
    param,
    `'${param}' holds no readable base64 data${kind === 'image' ? ' of an image' : ''}.`,
  );

const unknownType = (param: string) =>
  refusal(
    'invalid_value',
    param,
    `'${param}': the file's type cannot be told; give a filename with an ending, or a data: URL with its type.`,
  );
