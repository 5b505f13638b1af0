import { emptyAnswer } from '../../errors/answers.ts';
import type { Answer, Chunk, HoldAnswer } from '../../gemini/call.ts';
import { readStream } from '../../gemini/chunks.ts';
import type { Candidate, GenerateContentResponse } from '../../gemini/types.ts';
import { membersOf, parseJson, writeJson } from '../../json.ts';

/** A whole reply is a stream of one chunk; should Google send it in several, they are put together. */
export const wholeAnswer = (answer: Answer, hold: HoldAnswer): Chunk | Promise<Chunk> => {
  if (!(Symbol.asyncIterator in answer)) return putTogether(answer.flat());
  const chunks: Chunk[] = [];
  const read = (batch: readonly Chunk[]): void => {
    for (const chunk of batch) chunks.push(chunk);
  };
  return readStream(answer, read, hold).then(() => putTogether(chunks));
};

const putTogether = (chunks: readonly Chunk[]): Chunk => {
  const [only] = chunks;
  if (!only) throw emptyAnswer();
  if (chunks.length === 1) return only;
  const values = chunks.map(readExactly);
  const candidates = joinCandidates(values.map((value) => value.candidates ?? []));
  const value: GenerateContentResponse = { ...membersOf(values), candidates };
  return { json: writeJson(value), value };
};

const ARGUMENTS: ReadonlySet<string> = new Set(['args']);

const readExactly = ({ json }: Chunk): GenerateContentResponse =>
  parseJson(json, { raw: ARGUMENTS }) as GenerateContentResponse;

const joinCandidates = (lists: readonly (readonly Candidate[])[]): readonly Candidate[] => {
  const byIndex = new Map<number, Candidate[]>();
  for (const list of lists) {
    for (const [position, candidate] of list.entries()) {
      const index = candidate.index ?? position;
      const pieces = byIndex.get(index);
      if (pieces) pieces.push(candidate);
      else byIndex.set(index, [candidate]);
    }
  }
  return [...byIndex.values()].map(joinPieces);
};

const joinPieces = (pieces: readonly Candidate[]): Candidate => ({
  ...membersOf(pieces),
  content: {
    ...membersOf(pieces.map(({ content }) => content ?? {})),
    parts: pieces.flatMap(({ content }) => content?.parts ?? []),
  },
});
