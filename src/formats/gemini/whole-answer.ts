import { emptyAnswer } from '../../errors/answers.ts';
import type { Answer, Chunk, HoldAnswer } from '../../gemini/call.ts';
import { readStream } from '../../gemini/chunks.ts';
import type { Candidate, GenerateContentResponse } from '../../gemini/types.ts';
import { parseJson, writeJson } from '../../json.ts';

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
  const value = chunks.map(readExactly).reduce(join);
  return { json: writeJson(value), value };
};

const ARGUMENTS: ReadonlySet<string> = new Set(['args']);

const readExactly = ({ json }: Chunk): GenerateContentResponse =>
  parseJson(json, { raw: ARGUMENTS }) as GenerateContentResponse;

const join = (whole: GenerateContentResponse, next: GenerateContentResponse): GenerateContentResponse => ({
  ...whole,
  ...next,
  candidates: joinCandidates(whole.candidates ?? [], next.candidates ?? []),
});

const joinCandidates = (all: readonly Candidate[], next: readonly Candidate[]): readonly Candidate[] => {
  const joined = [...all];
  for (const [position, candidate] of next.entries()) {
    const index = candidate.index ?? position;
    const at = joined.findIndex((known, place) => (known.index ?? place) === index);
    const known = joined[at];
    if (known) joined[at] = joinCandidate(known, candidate);
    else joined.push(candidate);
  }
  return joined;
};

const joinCandidate = (known: Candidate, next: Candidate): Candidate => ({
  ...known,
  ...next,
  content: {
    ...known.content,
    ...next.content,
    parts: [...(known.content?.parts ?? []), ...(next.content?.parts ?? [])],
  },
});
