/** How many tokens a prompt is, about, where Google has not counted them. */
import { RawJson, writeJson } from '../json.ts';
import { JsonText } from '../json/json-text.ts';
import type { Content, GenerateContentRequest, JsonObject, Part } from './types.ts';

const TOKENS_OF_A_LETTER = 0.25;
/** Google's figure for a picture. */
export const MEDIA_TOKENS = 258;

/** By lengths alone, and nothing is written for it: asked of each call of a caller whose use is counted. */
export const estimateInput = ({ contents, systemInstruction, tools }: GenerateContentRequest): number => {
  let tokens = tokensOfLetters(lengthOf(tools));
  if (systemInstruction) tokens += contentTokens(systemInstruction);
  // A native request is not checked in depth.
  if (Array.isArray(contents)) for (const content of contents as readonly Content[]) tokens += contentTokens(content);
  return Math.max(1, Math.ceil(tokens));
};

const contentTokens = ({ parts }: Content): number => {
  let tokens = 0;
  if (Array.isArray(parts)) for (const part of parts as readonly Part[]) tokens += partTokens(part);
  return tokens;
};

const partTokens = (part: Part): number => {
  if (typeof part.text === 'string') return tokensOfLetters(part.text.length);
  if (isMedia(part)) return MEDIA_TOKENS;
  return tokensOfLetters(lengthOf(part.functionCall?.args) + lengthOf(part.functionResponse?.response));
};

export const tokensOfLetters = (letters: number): number => letters * TOKENS_OF_A_LETTER;

/** Of the JSON that a value is written in; what is no text yet is looked through, and never written for this. */
export const lengthOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (value instanceof RawJson) return value.source.length;
  if (value instanceof JsonText) return value.bytes.length;
  if (typeof value !== 'object' || value === null) return 0;
  let length = 0;
  if (Array.isArray(value)) for (const item of value) length += lengthOf(item);
  else for (const name of Object.keys(value)) length += name.length + lengthOf((value as JsonObject)[name]);
  return length;
};

/** Letter by letter, for a client that asks how many there are: a whole token for an ideograph. */
export const estimateTokens = (request: GenerateContentRequest): number => {
  let tokens = 0;
  for (const { parts } of countable(request)) {
    for (const part of parts ?? []) {
      tokens += isMedia(part)
        ? MEDIA_TOKENS
        : tokensOfText(typeof part.text === 'string' ? part.text : writeJson(part));
    }
  }
  return Math.ceil(tokens);
};

const tokensOfText = (text: string): number => {
  let tokens = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    tokens += code < 0x80 ? TOKENS_OF_A_LETTER : isIdeograph(code) ? 1 : 0.5;
  }
  return tokens;
};

/** Han, kana, hangul. */
const isIdeograph = (code: number): boolean => (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af);

/** All that counts, as contents: instructions and declarations of tools among them. */
export const countable = (request: GenerateContentRequest): readonly Content[] => [
  ...(request.systemInstruction ? [{ role: 'user', parts: request.systemInstruction.parts ?? [] }] : []),
  ...(request.contents ?? []).map(withoutThoughts).filter(({ parts }) => parts === undefined || parts.length > 0),
  ...(request.tools && request.tools.length > 0 ? [{ role: 'user', parts: [{ text: writeJson(request.tools) }] }] : []),
];

/** Code Assist refuses to count a part that is a thought. */
const withoutThoughts = (content: Content): Content =>
  content.parts?.some((part) => part.thought !== undefined)
    ? {
        ...content,
        parts: content.parts.filter((part) => part.thought !== true).map(({ thought: _, ...part }) => part),
      }
    : content;

export const isMedia = (part: Part): boolean => part.inlineData !== undefined || part.fileData !== undefined;
