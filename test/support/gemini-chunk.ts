import { parseJson } from '../../src/json.ts';
import type { Chunk } from '../../src/gemini/call.ts';
import type { GenerateContentResponse } from '../../src/gemini/types.ts';

/** A chunk as an upstream yields it, from its value or, where the spelling matters, from its JSON text. */
export const toChunk = (given: unknown): Chunk => {
  const json = typeof given === 'string' ? given : JSON.stringify(given);
  return { json, value: parseJson(json) as GenerateContentResponse };
};

export const toBatch = (...given: readonly unknown[]): readonly Chunk[] => given.map(toChunk);

/** A whole chunk of one candidate with these parts. */
export const candidate = (parts: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): unknown => ({
  candidates: [{ content: { role: 'model', parts }, ...more }],
});
