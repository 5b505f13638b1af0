/** Code Assist counts the tokens of contents and of nothing else, so everything else is counted as contents. */
import { RelayError } from '../../errors.ts';
import type { Layer } from '../../gemini/call.ts';
import type { Content, CountTokensResponse, GenerateContentRequest, Part } from '../../gemini/types.ts';
import { writeJson } from '../../json.ts';
import { countOf } from '../readings.ts';
import { toWireModel } from './envelope.ts';

export const countBody = (model: string, request: GenerateContentRequest): string =>
  writeJson({ request: { model: `models/${toWireModel(model)}`, contents: countable(request) } });

export const readCount = (value: unknown, request: GenerateContentRequest): CountTokensResponse => {
  const { totalTokens } = countOf(value);
  return partsOf(request).some(isMedia)
    ? { totalTokens }
    : { totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] };
};

/** Layer: where Code Assist cannot count, an estimate, marked as one. Trouble of the account's own is told as it is. */
export const withEstimate: Layer = (inner) => ({
  ...inner,
  countTokens: async (call, signal) => {
    try {
      return await inner.countTokens(call, signal);
    } catch (error) {
      if (
        call.exact === true ||
        signal.aborted ||
        !(error instanceof RelayError) ||
        error.retryable === false ||
        error.code === 'NOT_FOUND'
      ) {
        throw error;
      }
      return { totalTokens: estimateTokens(call.request), estimated: true };
    }
  },
});

/** A quarter of a token for a letter, a whole one for an ideograph, Google's 258 for a picture. */
const estimateTokens = (request: GenerateContentRequest): number => {
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

const countable = (request: GenerateContentRequest): readonly Content[] => [
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

const partsOf = (request: GenerateContentRequest): readonly Part[] =>
  (request.contents ?? []).flatMap(({ parts }) => parts ?? []);

const isMedia = (part: Part): boolean => part.inlineData !== undefined || part.fileData !== undefined;
