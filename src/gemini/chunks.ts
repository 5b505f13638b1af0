/** How answers are walked, and a chunk is kept. */
import { ownText } from '../json/text.ts';
import type { Answer, Chunk } from './call.ts';

/** Gives each batch to `read`, in order. Only what is still on its way must be waited for. */
export const readBatches = (answer: Answer, read: (batch: readonly Chunk[]) => void): Promise<void> | undefined => {
  if (Symbol.asyncIterator in answer) return readStream(answer, read);
  for (const batch of answer) read(batch);
  return undefined;
};

const readStream = async (
  answer: AsyncIterable<readonly Chunk[]>,
  read: (batch: readonly Chunk[]) => void,
): Promise<void> => {
  for await (const batch of answer) read(batch);
};

/** Longer than this, a chunk's text is most of what it came with. */
const LONGEST_OWN = 64 * 1024;

/** The chunk, to be kept while others come: without the text of the whole network read, of which its own is a piece. */
export const keptChunk = (chunk: Chunk): Chunk =>
  chunk instanceof KeptChunk || chunk.json.length > LONGEST_OWN ? chunk : new KeptChunk(ownText(chunk.json));

/** As much of a chunk as its counts of tokens need, to be read when somebody asks; undefined where it has none. */
export const countsOf = (chunk: Chunk, isOneOfMany: boolean): Pick<Chunk, 'value'> | undefined => {
  const { more } = chunk;
  // Nobody has parsed it so far. Its text is a piece of the network read, which is not kept where it is much more.
  if (more) return more.hasUsage ? (isOneOfMany ? keptChunk(chunk) : chunk) : undefined;
  const { usageMetadata } = chunk.value;
  return usageMetadata && { value: { usageMetadata } };
};

class KeptChunk implements Chunk {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }

  get value(): Chunk['value'] {
    return JSON.parse(this.json) as Chunk['value'];
  }
}
