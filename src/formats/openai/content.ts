/** The parts of a message, in the spellings of OpenAI's two APIs and of Anthropic's (Cursor sends those) → Gemini's. */
import type { JsonObject, Part } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import { KeptFields } from '../../conversation/kept-fields.ts';
import {
  fromAddress,
  fromBase64,
  fromData,
  fromFileId,
  isGoogleFile,
  isRemote,
} from '../../conversation/media-part.ts';
import type { Address, RemoteImageData } from '../../conversation/media-part.ts';
import { isOpenMediaType, mediaTypeOfAudio, mediaTypeOfName } from '../../conversation/media-types.ts';
import { VIDEO_FIELDS, withResolution, withVideoMetadata } from '../../conversation/media-settings.ts';
import type { ResolutionNeeds } from '../../conversation/media-settings.ts';
import { missing, refusal } from '../../errors/refusal.ts';

export interface ContentNeeds extends ResolutionNeeds {
  readonly images: RemoteImageData;
  readonly kept: KeptFields;
}

export const newKeptFields = (): KeptFields =>
  new KeptFields('Upload it with POST /v1/files, and send the id from its answer.');

/** A part of a content array, and where it stands in the client's body. */
export interface ClientPart {
  readonly param: string;
  /** As the part says, or as its fields tell. */
  readonly type: string;
  readonly fields: JsonObject;
}

/** The parts of any `content`: text, list, one part, or nothing. */
export const listParts = (content: unknown, param: string): readonly ClientPart[] => {
  if (content === null || content === undefined) return [];
  if (typeof content === 'string') return [textPart(content, param)];
  if (isObject(content)) return [toClientPart(content, param)];
  if (!Array.isArray(content)) {
    throw refusal('invalid_type', param, `'${param}' must be a string or an array of parts.`);
  }
  return content.map((part: unknown, index) => toClientPart(part, `${param}[${index}]`));
};

/** Undefined for a part that says nothing. */
export const toPart = (part: ClientPart, needs: ContentNeeds): Part | undefined => {
  const convert = CONVERTERS.get(part.type);
  if (!convert) {
    throw refusal('invalid_value', part.param, `'${part.param}' is of the unknown type '${part.type}'.`);
  }
  needs.ignored.restOfEach(part.fields, fieldsOf(part.type), part.param);
  for (const name of NESTED) {
    const inner = part.fields[name];
    if (isObject(inner)) needs.ignored.restOfEach(inner, NESTED_FIELDS, `${part.param}.${name}`);
  }
  return convert(part, needs);
};

/** The text of a part that is nothing but text; undefined for any other. */
export const textOf = ({ type, fields, param }: ClientPart): string | undefined => {
  if (!TEXT_TYPES.has(type)) return undefined;
  const field = type === 'refusal' ? 'refusal' : 'text';
  const text = fields[field] ?? fields['text'];
  if (typeof text === 'string') return text;
  if (text === undefined || text === null) return '';
  throw refusal('invalid_type', `${param}.${field}`, `'${param}.${field}' must be a string.`);
};

/** The address of an image that has to be fetched first. */
export const remoteImageOf = (part: ClientPart): { readonly url: string; readonly param: string } | undefined => {
  const address = IMAGE_TYPES.has(part.type) ? imageAddress(part) : undefined;
  if (!address || !/^\s*https:/i.test(address.url) || isGoogleFile(address.url)) return undefined;
  return { url: address.url, param: address.param };
};

/** Parts that may hold a video. */
const VIDEO_TYPES: ReadonlySet<string> = new Set(['video_url', 'file', 'input_file']);

type Convert = (part: ClientPart, needs: ContentNeeds) => Part | undefined;

const TEXT_TYPES: ReadonlySet<string> = new Set(['text', 'input_text', 'output_text', 'summary_text', 'refusal']);
const IMAGE_TYPES: ReadonlySet<string> = new Set(['image_url', 'input_image', 'image']);

/** Fields that some converter reads. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'text', 'refusal', 'image_url', 'image', 'detail', 'source', 'input_audio', 'file', 'video_url'],
  ...['filename', 'file_data', 'file_url', 'file_id', 'media_type', 'mime_type', 'mimeType', 'mediaType', 'format'],
  ...['extra_content', 'index'],
]);

/** A picture beside the text of a text part is read by nobody. */
const FIELDS_OF_TEXTS: ReadonlySet<string> = new Set([
  ...['type', 'text', 'refusal', 'extra_content', 'provider_specific_fields', 'index'],
  ...['thought_signature', 'thoughtSignature'],
]);

const FIELDS_OF_VIDEOS: ReadonlySet<string> = new Set([...KNOWN_FIELDS, ...VIDEO_FIELDS]);

const fieldsOf = (type: string): ReadonlySet<string> => {
  if (TEXT_TYPES.has(type)) return FIELDS_OF_TEXTS;
  return VIDEO_TYPES.has(type) ? FIELDS_OF_VIDEOS : KNOWN_FIELDS;
};

/** Members that hold the medium itself. */
const NESTED = ['image_url', 'image', 'video_url', 'file', 'input_audio', 'source'] as const;
const NESTED_FIELDS: ReadonlySet<string> = new Set([...FIELDS_OF_VIDEOS, 'url', 'data']);

const convertText: Convert = (part) => {
  const text = textOf(part);
  return text === undefined || text === '' ? undefined : { text };
};

const convertImage: Convert = (part, needs) => {
  const image = part.fields['image_url'];
  const [detail, name] =
    isObject(image) && image['detail'] !== undefined
      ? [image['detail'], 'image_url.detail']
      : [part.fields['detail'], `${part.param}.detail`];
  return withResolution(toImagePart(part, needs), detail, name, needs);
};

const toImagePart = (part: ClientPart, needs: ContentNeeds): Part => {
  const stored = storedFile(part.fields, part.param, needs);
  if (stored) return stored;
  const address = imageAddress(part);
  if (address) return fromAddress(address, 'image', needs.images);
  const source = part.fields['source'];
  if (isObject(source) && typeof source['data'] === 'string') {
    const param = `${part.param}.source.data`;
    return fromBase64(source['data'], mediaTypeIn(source), 'image', param);
  }
  throw noContent(part, 'image');
};

const imageAddress = (part: ClientPart): Address | undefined => {
  const { fields, param } = part;
  for (const name of ['image_url', 'image']) {
    const value = fields[name];
    if (typeof value === 'string') return { url: value, param: `${param}.${name}`, mimeType: mediaTypeIn(fields) };
    if (!isObject(value)) continue;
    if (typeof value['url'] === 'string') {
      return { url: value['url'], param: `${param}.${name}`, mimeType: mediaTypeIn(value) };
    }
    throw refusal('missing_required_parameter', `${param}.${name}.url`, `'${param}.${name}.url' must be a string.`);
  }
  const source = fields['source'];
  if (!isObject(source)) return undefined;
  return typeof source['url'] === 'string'
    ? { url: source['url'], param: `${param}.source.url`, mimeType: mediaTypeIn(source) }
    : undefined;
};

const convertAudio: Convert = (part) => {
  const audio = part.fields['input_audio'];
  const param = `${part.param}.input_audio`;
  if (!isObject(audio) || typeof audio['data'] !== 'string') throw noContent(part, 'input_audio.data');
  const told = audio['format'];
  const given = typeof told === 'string' && isOpenMediaType(told) ? undefined : told;
  const mimeType = typeof given === 'string' ? mediaTypeOfAudio(given) : undefined;
  if (given !== undefined && given !== null && mimeType === undefined) {
    throw refusal(
      'invalid_value',
      `${param}.format`,
      `'${param}.format' must be one of wav, mp3, ogg, flac, aac, aiff, webm, m4a.`,
    );
  }
  return fromData(audio['data'], mimeType, 'audio', `${param}.data`);
};

const convertVideo: Convert = (part, needs) => {
  const video = part.fields['video_url'];
  const url = isObject(video) ? video['url'] : video;
  if (typeof url !== 'string') throw noContent(part, 'video_url.url');
  const mimeType = isObject(video) ? mediaTypeIn(video) : undefined;
  const converted = fromAddress({ url, param: `${part.param}.video_url`, mimeType }, 'video', needs.images);
  const fields = isObject(video) ? { ...part.fields, ...video } : part.fields;
  return withVideoMetadata(
    withResolution(converted, fields['detail'], 'video_url.detail', needs),
    fields,
    `${part.param}.video_url`,
    needs.ignored,
  );
};

const convertFile: Convert = (part, needs) => {
  // Chat nests the file, Responses does not.
  const nested = part.fields['file'];
  const file = isObject(nested) ? nested : part.fields;
  const param = isObject(nested) ? `${part.param}.file` : part.param;
  const converted = withResolution(
    toFilePart(part, file, param, needs),
    file['detail'] ?? part.fields['detail'],
    'file.detail',
    needs,
  );
  return withVideoMetadata(converted, { ...part.fields, ...file }, param, needs.ignored);
};

const toFilePart = (part: ClientPart, file: JsonObject, param: string, needs: ContentNeeds): Part => {
  const id = file['file_id'];
  if (typeof id === 'string' && isGoogleFile(id)) {
    return fromAddress({ url: id, param: `${param}.file_id`, mimeType: mediaTypeIn(file) }, 'file', needs.images);
  }
  const stored = storedFile(file, param, needs);
  if (stored) return stored;
  const name = typeof file['filename'] === 'string' ? mediaTypeOfName(file['filename']) : undefined;
  const given = mediaTypeIn(file);
  // A name helps to find out what the file is, where nothing else says so; Google is told no names.
  if (name !== undefined && (given !== undefined || TYPED_DATA.test(String(file['file_data'])))) {
    needs.ignored.addOfEach(`${param}.filename`);
  }
  const mimeType = given ?? name;
  const url = file['file_url'];
  if (typeof url === 'string' && typeof file['file_data'] === 'string') {
    needs.ignored.addOfEach(`${param}.file_data`);
  }
  if (typeof url === 'string') return fromAddress({ url, param: `${param}.file_url`, mimeType }, 'file', needs.images);
  const data = file['file_data'];
  if (typeof data !== 'string') throw noContent(part, 'file.file_data');
  return isRemote(data) || isGoogleFile(data)
    ? fromAddress({ url: data, param: `${param}.file_data`, mimeType }, 'file', needs.images)
    : fromData(data, mimeType, 'file', `${param}.file_data`);
};

const TYPED_DATA = /^data:[\w.+-]+\/[\w.+-]+[;,]/;

const convertDocument: Convert = (part, needs) => {
  const source = part.fields['source'];
  const param = `${part.param}.source`;
  if (!isObject(source)) throw noContent(part, 'source');
  const stored = storedFile(source, param, needs);
  if (stored) return stored;
  if (typeof source['url'] === 'string') {
    return fromAddress(
      { url: source['url'], param: `${param}.url`, mimeType: mediaTypeIn(source) },
      'file',
      needs.images,
    );
  }
  if (typeof source['data'] !== 'string') throw noContent(part, 'source.data');
  if (source['type'] === 'text') return source['data'] === '' ? undefined : { text: source['data'] };
  return fromData(source['data'], mediaTypeIn(source), 'file', `${param}.data`);
};

const CONVERTERS: ReadonlyMap<string, Convert> = new Map([
  ...[...TEXT_TYPES].map((type) => [type, convertText] as const),
  ...[...IMAGE_TYPES].map((type) => [type, convertImage] as const),
  ['input_audio', convertAudio],
  ['video_url', convertVideo],
  ['file', convertFile],
  ['input_file', convertFile],
  ['document', convertDocument],
]);

const toClientPart = (part: unknown, param: string): ClientPart => {
  if (typeof part === 'string') return textPart(part, param);
  if (!isObject(part)) throw refusal('invalid_type', param, `'${param}' must be an object.`);
  const { type } = part;
  if (typeof type === 'string' && type !== '') return { param, type, fields: part };
  if (typeof part['text'] === 'string') return { param, type: 'text', fields: part };
  throw missing(`${param}.type`);
};

const textPart = (text: string, param: string): ClientPart => ({ param, type: 'text', fields: { text } });

/** The media type as the part names it: Anthropic's, the AI SDK's and LiteLLM's words for it. */
const mediaTypeIn = (fields: JsonObject): string | undefined => {
  const given = ['media_type', 'mime_type', 'mimeType', 'mediaType', 'format']
    .map((name) => fields[name])
    .find((value) => typeof value === 'string' && value.includes('/') && !isOpenMediaType(value));
  return typeof given === 'string' ? given : undefined;
};

/** Of the part itself, or of its source as Anthropic's clients write it. */
const storedFile = (fields: JsonObject, param: string, { kept }: ContentNeeds): Part | undefined => {
  const { file_id: id, source } = fields;
  if (typeof id === 'string') return fromFileId(id, mediaTypeIn(fields), `${param}.file_id`, kept);
  return isObject(source) && typeof source['file_id'] === 'string'
    ? fromFileId(source['file_id'], mediaTypeIn(source), `${param}.source.file_id`, kept)
    : undefined;
};

const noContent = ({ param, type }: ClientPart, field: string) =>
  refusal('missing_required_parameter', `${param}.${field}`, `'${param}' of type '${type}' lacks its content.`);
