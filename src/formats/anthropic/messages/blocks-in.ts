/** Blocks of a client's content → Gemini's parts. A block that nobody here knows becomes a text that says so. */
import { missing, refusal } from '../../../errors/refusal.ts';
import {
  fromAddress,
  fromBase64,
  fromFileId,
  isGoogleFile,
  type RemoteImageData,
} from '../../../conversation/media-part.ts';
import { isOpenMediaType, isTextual } from '../../../conversation/media-types.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import type { KeptFields } from '../../../conversation/kept-fields.ts';
import type { JsonObject, Part } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import type { RemoteImageUrl } from '../../remote-images.ts';
import { notTooMany } from '../../remote-images.ts';
import { SERVER_RESULTS, serverResult, wordIn } from './server-results.ts';
import { changeInWords } from './tool-changes.ts';

/** A block, and where it stands in the client's body. */
export interface ClientBlock {
  readonly param: string;
  readonly type: string;
  readonly fields: JsonObject;
}

/** What blocks are read with: images fetched before, and where to note what means nothing here. */
export interface BlockNeeds {
  readonly images: RemoteImageData;
  readonly kept: KeptFields;
  readonly ignored: Ignored;
}

/** The blocks of any `content`: text, or a list. What is in them and means nothing here is noted. */
export const listBlocks = (content: unknown, param: string, ignored: Ignored): readonly ClientBlock[] => {
  if (content === null || content === undefined) return NO_BLOCKS;
  if (typeof content === 'string') return [textBlock(content, param)];
  if (!Array.isArray(content)) {
    throw refusal('invalid_type', param, `'${param}' must be a string or an array of content blocks.`);
  }
  return content.map((block: unknown, index) => toBlock(block, `${param}[${index}]`, ignored));
};

const NO_BLOCKS: readonly ClientBlock[] = [];

const textBlock = (text: string, param: string): ClientBlock => ({ param, type: 'text', fields: { text } });

const toBlock = (block: unknown, param: string, ignored: Ignored): ClientBlock => {
  if (typeof block === 'string') return textBlock(block, param);
  if (!isObject(block)) throw refusal('invalid_type', param, `'${param}' must be an object.`);
  const { type, source } = block;
  if (typeof type !== 'string' || type === '') {
    throw missing(`${param}.type`);
  }
  const known = KNOWN_FIELDS.get(type);
  if (known) ignored.rest(block, known, PLACE);
  else ignored.add(`${PLACE} (${type})`);
  if (isObject(source)) ignored.rest(source, SOURCE_FIELDS, `${PLACE}.source`);
  return { param, type, fields: block };
};

export const PLACE = 'messages[].content[]';

const knownFields = (...names: readonly string[]): ReadonlySet<string> =>
  // What a client wants to be cached: Google finds that out for itself.
  new Set(['type', 'cache_control', ...names]);

/** By type. What is not listed becomes a text that says so, or nothing. */
const KNOWN_FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['text', knownFields('text')],
  ['image', knownFields('source')],
  ['document', knownFields('source', 'title', 'context')],
  ['search_result', knownFields('title', 'source', 'content')],
  ['tool_use', knownFields('id', 'name', 'input')],
  ['tool_result', knownFields('tool_use_id', 'content', 'is_error')],
  ['tool_reference', knownFields('tool_name')],
  ['tool_addition', knownFields('tool')],
  ['tool_removal', knownFields('tool')],
  ['thinking', knownFields('thinking', 'signature')],
  ['compaction', knownFields('content')],
  ['mcp_tool_result', knownFields('tool_use_id', 'content', 'is_error')],
  ...SERVER_RESULTS.map((type) => [type, knownFields('tool_use_id', 'content')] as const),
]);

const SOURCE_FIELDS: ReadonlySet<string> = new Set(['type', 'media_type', 'data', 'url', 'content', 'file_id']);

export const textOf = ({ fields, param }: ClientBlock): string => {
  const { text } = fields;
  if (typeof text === 'string') return text;
  if (text === undefined || text === null) return '';
  throw refusal('invalid_type', `${param}.text`, `'${param}.text' must be a string.`);
};

/** What a block says; nothing for one that is empty. */
export const toParts = (block: ClientBlock, needs: BlockNeeds): readonly Part[] => {
  switch (block.type) {
    case 'text':
      return textPart(textOf(block));
    case 'image':
      return [toMedium(block, 'image', needs)];
    case 'document':
      return toDocument(block, needs);
    case 'search_result':
      return textPart(searchResult(block, needs.ignored));
    case 'tool_reference':
      return textPart(`The tool ${wordIn(block.fields, 'tool_name') ?? 'that was looked for'} can be called now.`);
    case 'tool_addition':
    case 'tool_removal':
      return textPart(changeInWords(block.type, block.fields, PLACE, needs.ignored));
    default:
      return (
        serverResult(block, { ignored: needs.ignored, place: PLACE, read: reader(needs) }) ??
        textPart(unknownBlock(block.type))
      );
  }
};

export const unknownBlock = (type: string): string =>
  `[A content block of the type "${type.slice(0, LONGEST_NAME)}" stood here, which could not be passed on.]`;

const LONGEST_NAME = 80;

const reader =
  (needs: BlockNeeds) =>
  (content: unknown, param: string): readonly Part[] =>
    listBlocks(content, param, needs.ignored).flatMap((block) => toParts(onlyOf(IN_RESULTS, block), needs));

/** Anything else in a result or in a document is none of Anthropic's. */
const onlyOf = (types: ReadonlySet<string>, block: ClientBlock): ClientBlock =>
  types.has(block.type) ? block : textBlock(unknownBlock(block.type), block.param);

const IN_DOCUMENTS: ReadonlySet<string> = new Set(['text', 'image', 'search_result', 'tool_reference']);
const IN_RESULTS: ReadonlySet<string> = new Set([...IN_DOCUMENTS, 'document']);

export const textPart = (text: string): readonly Part[] => (text === '' ? [] : [{ text }]);

const toMedium = ({ fields, param }: ClientBlock, kind: 'image' | 'file', { images, kept }: BlockNeeds): Part => {
  const { source } = fields;
  const place = `${param}.source`;
  if (!isObject(source)) throw missing(place);
  const { url, data, file_id: id } = source;
  const mimeType = mediaTypeIn(source);
  if (typeof id === 'string') return fromFileId(id, mimeType, `${place}.file_id`, kept);
  if (typeof url === 'string') return fromAddress({ url, param: `${place}.url`, mimeType }, kind, images);
  if (typeof data !== 'string') {
    throw missing(`${place}.data`);
  }
  // Long texts may have been left in the body's bytes: nothing here looks into them.
  if (mimeType !== undefined && isTextual(mimeType)) return { inlineData: { mimeType: 'text/plain', data } };
  return fromBase64(data, mimeType, kind, `${place}.data`);
};

const mediaTypeIn = (source: JsonObject): string | undefined => {
  const given = source['media_type'];
  return typeof given === 'string' && given.includes('/') && !isOpenMediaType(given) ? given : undefined;
};

/** Its title and what the client says of it stand before it. */
const toDocument = (block: ClientBlock, needs: BlockNeeds): readonly Part[] => {
  const { fields, param } = block;
  const heading = [wordIn(fields, 'title'), wordIn(fields, 'context')].filter((word) => word !== undefined);
  const { source } = fields;
  const head = textPart(heading.join('\n'));
  if (isObject(source) && source['type'] === 'text') {
    const { data } = source;
    if (typeof data === 'string') return [...head, ...textPart(data)];
    throw refusal('invalid_type', `${param}.source.data`, `'${param}.source.data' must be a string.`);
  }
  if (isObject(source) && source['type'] === 'content') {
    const inner = listBlocks(source['content'], `${param}.source.content`, needs.ignored);
    return [...head, ...inner.flatMap((one) => toParts(onlyOf(IN_DOCUMENTS, one), needs))];
  }
  return [...head, toMedium(block, 'file', needs)];
};

const searchResult = ({ fields, param }: ClientBlock, ignored: Ignored): string => {
  const words = listBlocks(fields['content'], `${param}.content`, ignored).map((block) =>
    block.type === 'text' ? textOf(block) : unknownBlock(block.type),
  );
  return [wordIn(fields, 'title'), wordIn(fields, 'source'), ...words].filter((word) => word !== undefined).join('\n');
};

/** The `https:` images and documents of all messages, each address once: to be fetched before they are decoded. */
export const linkedImages = (messages: readonly JsonObject[]): readonly RemoteImageUrl[] => {
  const found = new Map<string, RemoteImageUrl>();
  const look = (content: readonly unknown[], param: string, depth: number): void => {
    for (const [index, block] of content.entries()) {
      if (!isObject(block)) continue;
      const { type, source } = block;
      const place = `${param}[${index}]`;
      if ((type === 'image' || type === 'document') && isObject(source)) {
        const { url } = source;
        if (typeof url === 'string' && /^\s*https:/i.test(url) && !isGoogleFile(url) && !found.has(url)) {
          found.set(url, { url, param: `${place}.source.url`, kind: type });
        }
      }
      if (depth === 0) continue;
      const { content: results } = block;
      const isResult = type === 'tool_result' || type === 'mcp_tool_result';
      if (isResult && Array.isArray(results)) look(results, `${place}.content`, depth - 1);
      const inner = type === 'document' && isObject(source) ? source['content'] : undefined;
      if (Array.isArray(inner)) look(inner, `${place}.source.content`, depth - 1);
    }
  };
  for (const [index, { content }] of messages.entries()) {
    if (Array.isArray(content)) look(content, `messages[${index}].content`, 2);
  }
  return notTooMany([...found.values()]);
};
