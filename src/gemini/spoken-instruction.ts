/** The system instruction as the user's own words, for models that take none (Gemma 3). */
import type { Content, GenerateContentRequest, Part } from './types.ts';

/** It comes first in what the user says first. The same request where there is no instruction. */
export const withSpokenInstruction = (request: GenerateContentRequest): GenerateContentRequest => {
  const { systemInstruction, ...rest } = request;
  if (systemInstruction === undefined) return request;
  const instruction = (systemInstruction.parts ?? []).map(withBlankLine);
  const [first, ...others] = request.contents ?? [];
  const contents: readonly Content[] =
    first && first.role !== 'model'
      ? [{ ...first, parts: [...instruction, ...(first.parts ?? [])] }, ...others]
      : [{ role: 'user', parts: instruction }, ...(request.contents ?? [])];
  return { ...rest, contents };
};

/** Texts of one content are read as one. */
const withBlankLine = (part: Part): Part =>
  typeof part.text === 'string' && part.text !== '' ? { ...part, text: `${part.text}\n\n` } : part;
