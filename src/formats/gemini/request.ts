/**
 * Google's own request: checked only as far as the relay reads it, so that what stands behind may believe its types.
 * All else is Google's to judge, and travels as written.
 */
import { RelayError } from '../../errors.ts';
import { refusal } from '../../errors/refusal.ts';
import type { Reason } from '../../reasons.ts';
import type { Content, GenerateContentRequest, JsonObject, Part, Tool } from '../../gemini/types.ts';
import { fileAddress, fileNameIn } from '../../gemini/resources.ts';
import { isObject } from '../../json.ts';
import { withWholeTurns } from './histories.ts';
import {
  renameContents,
  renameCountFields,
  renameEmbedFields,
  renameGenerateFields,
  renamePredictFields,
} from './field-names.ts';

/** The body of generateContent and streamGenerateContent. */
export const readGenerateRequest = (body: unknown): GenerateContentRequest =>
  readRequest(renameGenerateFields(asObject(body, '')), '');

/** The body of countTokens in both its forms: contents alone, or a whole request under `generateContentRequest`. */
export const readCountRequest = (body: unknown): GenerateContentRequest => {
  const { generateContentRequest: whole, ...rest } = renameCountFields(asObject(body, ''));
  return isAbsent(whole)
    ? readRequest(rest, '')
    : readRequest(asObject(whole, 'generateContentRequest'), 'generateContentRequest.');
};

/** The body of embedContent, without the model, which stands in the path. */
export const readEmbedRequest = (body: unknown): JsonObject => embedding(renameEmbedFields(asObject(body, '')), '');

/** The body of batchEmbedContents. */
export const readEmbedRequests = (body: unknown): readonly JsonObject[] => {
  const requests = readEmbeds(renameEmbedFields(asObject(body, '')).requests, 'requests', '{"content": …}');
  return requests.map((request, index) => embedding(request, `requests[${index}]`));
};

/** The body of predict, which is how Vertex AI's clients ask older models: a text an instance, and settings for all. */
export const readPredictRequests = (body: unknown): readonly JsonObject[] => {
  const { instances, parameters, ...rest } = renamePredictFields(asObject(body, ''));
  const list = readEmbeds(instances, 'instances', '{"content": "…"}');
  const settings = isAbsent(parameters) ? {} : asObject(parameters, 'parameters');
  return list.map((instance, index) => {
    const { content, ...own } = asObject(instance, `instances[${index}]`);
    const field = `instances[${index}].content`;
    if (isAbsent(content)) throw missing(field, 'a text');
    if (typeof content !== 'string')
      throw invalid(field, `a string is expected, not ${kindOf(content)}`, 'invalid_type');
    return { ...rest, ...settings, ...own, content: { parts: [{ text: content }] } };
  });
};

/** Google takes a hundred in a call; the relay makes several of more, up to as many as OpenAI's form has. */
const MOST_EMBEDS = 2048;

const readEmbeds = (value: unknown, name: string, example: string): readonly unknown[] => {
  const list = asList(value, name);
  if (list.length === 0) throw missing(name, `a list of at least one ${example}`, 'empty_array');
  if (list.length <= MOST_EMBEDS) return list;
  throw refusal('invalid_value', name, `'${name}' must hold at most ${MOST_EMBEDS}: send several requests.`);
};

const embedding = (value: unknown, path: string): JsonObject => {
  const { model: _, content, embedContentConfig, ...rest } = asObject(value, path);
  const place = path === '' ? '' : `${path}.`;
  const field = `${place}content`;
  if (isAbsent(content)) throw missing(field, 'for example {"parts": [{"text": "Hello"}]}');
  return {
    ...rest,
    // Clients of Vertex AI write the settings there; the other doors know them beside the content alone.
    ...(!isAbsent(embedContentConfig) && asObject(embedContentConfig, `${place}embedContentConfig`)),
    content: withParts(typeof content === 'string' ? { parts: content } : asObject(content, field), field),
  };
};

/** What the relay reads of a request, in the order in which problems are told; each reader is given the field's path. */
const FIELDS: readonly (readonly [string, (value: unknown, path: string) => unknown])[] = [
  ['systemInstruction', (value, path) => readSystem(value, path)],
  ['tools', (value, path) => asList(value, path).map((tool, index) => readTool(tool, `${path}[${index}]`))],
  ['toolConfig', (value, path) => withObject(asObject(value, path), 'functionCallingConfig', path)],
  ['safetySettings', (value, path) => asList(value, path).map((item, index) => asObject(item, `${path}[${index}]`))],
  ['generationConfig', (value, path) => withObject(asObject(value, path), 'thinkingConfig', path)],
  ['cachedContent', (value, path) => readCache(value, path)],
];

/** `path` stands before each field's name in messages: empty, or ending in a dot. Fields keep their order. */
const readRequest = (body: JsonObject, path: string): GenerateContentRequest => {
  // The model stands in the path; a body's own would contradict it or repeat it.
  const { model: _, ...request }: Record<string, unknown> = body;
  request['contents'] = readContents(request['contents'], `${path}contents`);
  for (const [name, read] of FIELDS) {
    const value = request[name];
    // `undefined` is not written.
    if (value !== undefined) request[name] = value === null ? undefined : read(value, path + name);
  }
  return request;
};

const readCache = (value: unknown, path: string): string | undefined => {
  if (value === '') return undefined;
  if (typeof value === 'string') return value;
  throw invalid(path, `a string is expected, not ${kindOf(value)}: the name of a cached content`, 'invalid_type');
};

const readContents = (value: unknown, path: string): readonly Content[] => {
  if (areTexts(value)) return value;
  if (isAbsent(value)) throw missing(path, 'for example [{"role": "user", "parts": [{"text": "Hello"}]}]');
  const list = typeof value === 'string' ? [value] : asList(renameContents(value), path);
  if (list.length === 0) throw missing(path, 'at least one message', 'empty_array');
  const contents = list.map((item, index) => readContent(item, `${path}[${index}]`));
  return contents.length > 2 ? withWholeTurns(contents) : contents;
};

/** Messages of nothing but text, written as Google writes them: one look says that nothing of them is to be changed. */
const areTexts = (contents: unknown): contents is readonly Content[] => {
  if (!Array.isArray(contents) || contents.length === 0) return false;
  for (const content of contents as readonly (Content | null)[]) {
    if (typeof content !== 'object' || content === null || !Array.isArray(content.parts)) return false;
    if (content.role !== 'user' && content.role !== 'model') return false;
    for (const part of content.parts as readonly (Part | null)[]) {
      if (typeof part?.text !== 'string') return false;
      for (const name in part) if (name !== 'text') return false;
    }
  }
  return true;
};

const readContent = (value: unknown, path: string): Content => {
  if (typeof value === 'string') return { role: 'user', parts: [{ text: value }] };
  const content = withParts(asObject(value, path), path);
  const { role } = content;
  if (isAbsent(role) || role === '' || role === 'function') return { ...content, role: 'user' };
  if (typeof role !== 'string')
    throw invalid(`${path}.role`, 'a string is expected: "user" or "model"', 'invalid_type');
  return content;
};

/** One that says nothing is left out: instructor sends it, and Google refuses it. */
const readSystem = (value: unknown, path: string): Content | undefined => {
  const system = toSystem(value, path);
  return (system.parts ?? []).every(isEmptyText) ? undefined : system;
};

const isEmptyText = (part: Part): boolean => part.text === '' && Object.keys(part).length === 1;

const toSystem = (value: unknown, path: string): Content => {
  if (typeof value === 'string') return { parts: [{ text: value }] };
  if (Array.isArray(value)) return withParts({ parts: value }, path);
  const content = asObject(value, path);
  return withParts(isAbsent(content.parts) && typeof content.text === 'string' ? { parts: [content] } : content, path);
};

/** The content with its parts a list of objects; without parts it stays without, for Google to refuse. */
const withParts = (content: JsonObject, path: string): Content => {
  const { parts } = content;
  if (isAbsent(parts)) {
    const { parts: _, ...rest } = content;
    return rest;
  }
  const list = typeof parts === 'string' ? [parts] : asList(parts, `${path}.parts`);
  const read = list.map((part, index) => readPart(part, `${path}.parts[${index}]`));
  return list === parts && read.every((part, index) => part === list[index]) ? content : { ...content, parts: read };
};

const MESSAGES_IN_PARTS = ['inlineData', 'fileData', 'functionCall', 'functionResponse'] as const;

const readPart = (value: unknown, path: string): Part => {
  if (typeof value === 'string') return { text: value };
  const part = asObject(value, path);
  for (const name of MESSAGES_IN_PARTS) withObject(part, name, path);
  return isObject(part.fileData) ? withAddress(part, part.fileData) : part;
};

/** Google takes a file by its own address alone; clients also write its name, or the address that it has here. */
const withAddress = (part: JsonObject, fileData: JsonObject): Part => {
  const { fileUri } = fileData;
  const name = typeof fileUri === 'string' ? fileNameIn(fileUri) : undefined;
  const address = name === undefined ? fileUri : fileAddress(name);
  return address === fileUri || typeof address !== 'string'
    ? part
    : { ...part, fileData: { ...fileData, fileUri: address } };
};

const readTool = (value: unknown, path: string): Tool => {
  const tool = asObject(value, path);
  const { functionDeclarations } = tool;
  if (isAbsent(functionDeclarations)) return tool;
  const list = asList(functionDeclarations, `${path}.functionDeclarations`);
  for (const [index, declaration] of list.entries()) asObject(declaration, `${path}.functionDeclarations[${index}]`);
  return list === functionDeclarations ? tool : ({ ...tool, functionDeclarations: list } as Tool);
};

/** `null` is how many clients write a field that they do not set. */
const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const asObject = (value: unknown, path: string): JsonObject => {
  if (isObject(value)) return value;
  throw invalid(path, `an object is expected, not ${kindOf(value)}`, 'invalid_type');
};

/** The owner itself, once its member is known to be an object, `null` or absent. */
const withObject = (owner: JsonObject, name: string, path: string): JsonObject => {
  if (!isAbsent(owner[name])) asObject(owner[name], `${path}.${name}`);
  return owner;
};

/** Google reads a single message where a list is due, and its own examples rely on that. */
const asList = (value: unknown, path: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  if (isObject(value)) return [value];
  throw isAbsent(value)
    ? missing(path, 'a list')
    : invalid(path, `a list is expected, not ${kindOf(value)}`, 'invalid_type');
};

const kindOf = (value: unknown): string => {
  if (isAbsent(value)) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a number or an object' : `a ${typeof value}`;
};

const missing = (path: string, expected: string, reason: Reason = 'missing_required_parameter'): RelayError =>
  invalid(path, `this field is required: ${expected}`, reason);

const invalid = (path: string, problem: string, reason: Reason): RelayError =>
  new RelayError('INVALID_ARGUMENT', path === '' ? `The body: ${problem}.` : `${path}: ${problem}.`, {
    reason,
    ...(path !== '' && { param: path }),
  });
