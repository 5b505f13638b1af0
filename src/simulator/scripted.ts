import type { Chunks } from './reply.ts';
import { fieldsListOf, fieldsOf, numberOf, type Fields } from './values.ts';

/** A GenerateContentResponse: as an object, or as JSON text that travels byte for byte. */
export type ScriptedChunk = Fields | string;

const asFields = (chunk: ScriptedChunk): Fields => (typeof chunk === 'string' ? fieldsOf(JSON.parse(chunk)) : chunk);

/** A whole answer from the chunks of a streamed one. */
const merged = (chunks: readonly Fields[]): Fields => {
  const candidates = new Map<number, { readonly last: Fields; readonly parts: readonly Fields[] }>();
  for (const candidate of chunks.flatMap((chunk) => fieldsListOf(chunk.candidates))) {
    const index = numberOf(candidate.index) ?? 0;
    const before = candidates.get(index);
    const parts = [...(before?.parts ?? []), ...fieldsListOf(fieldsOf(candidate.content).parts)];
    candidates.set(index, { last: { ...before?.last, ...candidate }, parts });
  }
  const all = [...candidates.values()].map(({ last, parts }) => ({ ...last, content: { role: 'model', parts } }));
  return Object.assign({}, ...chunks, all.length > 0 && { candidates: all }) as Fields;
};

/** Scripted chunks in the place of honest ones; a whole answer is put together from several. */
export const answerInPieces = (honest: Chunks, chunks: readonly ScriptedChunk[]): Chunks => {
  const pieces = honest.form === 'whole' && chunks.length > 1 ? [merged(chunks.map(asFields))] : chunks;
  const texts = pieces.map((piece) => honest.wrap(typeof piece === 'string' ? piece : JSON.stringify(piece)));
  return { ...honest, texts };
};

type Part = Fields;

/** One chunk with these parts, and with more members of its candidate. */
export const chunk = (parts: readonly Part[], candidate: Fields = {}, response: Fields = {}): Fields => ({
  candidates: [{ content: { role: 'model', parts }, ...candidate }],
  ...response,
});

export const usage = (prompt: number, candidates: number, more: Fields = {}): Fields => ({
  usageMetadata: {
    promptTokenCount: prompt,
    candidatesTokenCount: candidates,
    totalTokenCount: prompt + candidates,
    ...more,
  },
});

/** Texts in a chunk each, the last with STOP and usage. */
export const says = (...texts: readonly string[]): readonly Fields[] =>
  texts.map((text, index) =>
    index === texts.length - 1
      ? chunk([{ text }], { finishReason: 'STOP' }, usage(3, texts.length))
      : chunk([{ text }]),
  );

export const thinks = (text: string): Fields => chunk([{ text, thought: true }]);

export const calls = (...functionCalls: readonly Fields[]): Fields =>
  chunk(
    functionCalls.map((functionCall) => ({ functionCall })),
    { finishReason: 'STOP' },
    usage(3, functionCalls.length),
  );

/** A candidate's end alone. */
export const ends = (finishReason: string, more: Fields = {}): Fields => chunk([], { finishReason, ...more });
