/** How many tokens a prompt will be, about, before Google has counted them: from lengths alone, for it is asked of each call. */
import { RawJson } from '../json.ts';
import { JsonText } from '../json/json-text.ts';
import type { Content, GenerateContentRequest, Part } from './types.ts';

const LETTERS_OF_A_TOKEN = 4;
/** Google's figure for a picture. */
export const MEDIA_TOKENS = 258;

export const estimateInput = ({ contents, systemInstruction, tools }: GenerateContentRequest): number => {
  let tokens = textTokens(lengthOf(tools));
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
  if (typeof part.text === 'string') return textTokens(part.text.length);
  if (part.inlineData !== undefined || part.fileData !== undefined) return MEDIA_TOKENS;
  return textTokens(lengthOf(part.functionCall?.args) + lengthOf(part.functionResponse?.response));
};

export const textTokens = (letters: number): number => letters / LETTERS_OF_A_TOKEN;

/** Of the JSON that a value is written in; what is no text yet is looked through, and never written for this. */
export const lengthOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (value instanceof RawJson) return value.source.length;
  if (value instanceof JsonText) return value.bytes.length;
  if (typeof value !== 'object' || value === null) return 0;
  let length = 0;
  for (const [name, inner] of Object.entries(value)) length += name.length + lengthOf(inner);
  return length;
};
