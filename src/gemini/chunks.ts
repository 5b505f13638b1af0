/** How answers are walked, and what is kept of a chunk. */
import { ownText } from '../json/text.ts';
import type { Answer, Chunk, HoldAnswer } from './call.ts';

/** Gives each batch to `read`, in order, to be put together. What is there at once was bounded where it was read. */
export const readBatches = (
  answer: Answer,
  read: (batch: readonly Chunk[]) => void,
  hold: HoldAnswer,
): Promise<void> | undefined => {
  if (Symbol.asyncIterator in answer) return readStream(answer, read, hold);
  for (const batch of answer) read(batch);
  return undefined;
};

/** What is still on its way must be waited for, and is held. */
export const readStream = async (
  answer: AsyncIterable<readonly Chunk[]>,
  read: (batch: readonly Chunk[]) => void,
  hold: HoldAnswer,
): Promise<void> => {
  let bytes = 0;
  for await (const batch of answer) {
    read(batch);
    for (const { json } of batch) bytes += json.length;
    hold(bytes);
  }
};

/** A chunk's counts of tokens, to be read when somebody asks. */
export type Counts = Pick<Chunk, 'value'>;

/** Longer than this, a chunk is read now: to keep it would cost more. */
const LONGEST_OWN = 64 * 1024;

/** To be kept while others come: without the text of the whole network read, of which the chunk's own is a piece. */
const keptCounts = (chunk: Chunk): Counts => {
  if (chunk.json.length <= LONGEST_OWN) return new KeptChunk(ownText(chunk.json));
  const { usageMetadata } = chunk.value;
  return { value: usageMetadata ? { usageMetadata } : {} };
};

/** Chunks of one network read that may be kept as they are; to copy a text takes as long as to read ten. */
export const FEW = 8;

/** Undefined where it has none. */
export const countsOf = (chunk: Chunk, isOneOfMany: boolean): Counts | undefined => {
  const { more } = chunk;
  // Nobody has parsed it so far. Its text is a piece of the network read, which is not kept where it is much more.
  if (more) {
    if (!more.place.hasUsage) return undefined;
    return isOneOfMany || chunk.json.length > LONGEST_OWN ? keptCounts(chunk) : chunk;
  }
  const { usageMetadata } = chunk.value;
  return usageMetadata && { value: { usageMetadata } };
};

class KeptChunk implements Counts {
  readonly #json: string;

  constructor(json: string) {
    this.#json = json;
  }

  get value(): Chunk['value'] {
    return JSON.parse(this.#json) as Chunk['value'];
  }
}
