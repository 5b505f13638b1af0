/** What a request weighs, where Google does not say. */
import { writeJson } from '../json.ts';
import type { Content, GenerateContentRequest, Part } from './types.ts';

/** A quarter of a token for a letter, a whole one for an ideograph, Google's 258 for a picture. */
export const estimateTokens = (request: GenerateContentRequest): number => {
  let tokens = 0;
  for (const { parts } of countable(request)) {
    for (const part of parts ?? []) {
      tokens += isMedia(part) ? MEDIA_TOKENS : textTokens(typeof part.text === 'string' ? part.text : writeJson(part));
    }
  }
  return Math.ceil(tokens);
};

const MEDIA_TOKENS = 258;

const textTokens = (text: string): number => {
  let tokens = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    tokens += code < 0x80 ? 0.25 : isIdeograph(code) ? 1 : 0.5;
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
