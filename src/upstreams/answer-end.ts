/** Where an answer of Google's ends, as it says itself. */
import type { Chunk } from '../gemini/call.ts';
import type { Candidate, GenerateContentResponse } from '../gemini/types.ts';

const candidatesOf = ({ candidates }: GenerateContentResponse): readonly Candidate[] => candidates ?? [];

/** The answer says itself that it is at its end, for whatever reason. */
export const isFinished = (value: GenerateContentResponse): boolean =>
  candidatesOf(value).some(({ finishReason }) => Boolean(finishReason)) || isBlocked(value);

const isBlocked = ({ promptFeedback }: GenerateContentResponse): boolean => Boolean(promptFeedback?.blockReason);

export const hasCandidates = ({ value }: Chunk): boolean => candidatesOf(value).length > 0;

/** Each candidate has its end somewhere in what came, or the question was refused. */
export const isWholeAnswer = (chunks: readonly Chunk[]): boolean => {
  const [first, second] = chunks;
  if (first !== undefined && second === undefined) return isWholeChunk(first);
  const begun = new Set<number>();
  const ended = new Set<number>();
  for (const { value } of chunks) {
    if (isBlocked(value)) return true;
    candidatesOf(value).forEach(({ index, finishReason }, position) => {
      (finishReason ? ended : begun).add(index ?? position);
    });
  }
  return ended.size > 0 && begun.isSubsetOf(ended);
};

/** The same of a single chunk, which almost every whole answer is. */
const isWholeChunk = ({ value: { promptFeedback, candidates } }: Chunk): boolean => {
  if (promptFeedback?.blockReason) return true;
  if (!candidates || candidates.length === 0) return false;
  for (const { finishReason } of candidates) if (!finishReason) return false;
  return true;
};
