/**
 * Waits for the first chunk of an answer, so that an error there is an ordinary error, and looks whether the answer is
 * worth passing on. Reads no further than it must: what has been read is held back from the client.
 */
import { emptyAnswer, malformedCall } from '../errors/answers.ts';
import type { Answer, Chunk } from '../gemini/call.ts';
import { isMalformedCall, lookThrough } from '../gemini/substance.ts';

export interface OpenedAnswer {
  readonly answer: Answer;
  /** It ends as if all were well, and says nothing. Never so for a native call, whose client judges for itself. */
  readonly isBlank: boolean;
  /** For an answer that nobody will read. */
  close(): Promise<void>;
}

/** Throws what the answer throws before its first chunk, and for a translated call what makes the answer useless. */
export const openAnswer = (answer: Answer, native: boolean): OpenedAnswer | Promise<OpenedAnswer> => {
  if (Symbol.asyncIterator in answer) return openStream(answer[Symbol.asyncIterator](), native);
  for (const batch of answer) {
    const verdict = native ? 'open' : judge(batch);
    if (verdict !== 'go on') return { answer, isBlank: verdict === 'blank', close: nothing };
  }
  throw emptyAnswer();
};

const nothing = (): Promise<void> => Promise.resolve();

const openStream = async (iterator: AsyncIterator<readonly Chunk[]>, native: boolean): Promise<OpenedAnswer> => {
  const close = async (): Promise<void> => {
    await iterator.return?.();
  };
  const held: (readonly Chunk[])[] = [];
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) throw emptyAnswer();
    const batch = next.value;
    // It is held here, and not by the source as well until more is asked for.
    next.value = NOTHING;
    held.push(batch);
    try {
      const verdict = native ? 'open' : judge(batch);
      if (verdict !== 'go on') return { answer: resumed(held, iterator), isBlank: verdict === 'blank', close };
    } catch (error) {
      await close();
      throw error;
    }
  }
};

const NOTHING: readonly Chunk[] = [];

/** The held batches, then the rest. No generator: nothing stands between the client and the source after the first. */
const resumed = (
  held: (readonly Chunk[])[],
  iterator: AsyncIterator<readonly Chunk[]>,
): AsyncIterable<readonly Chunk[]> => ({
  [Symbol.asyncIterator]: () => ({
    next: () => {
      const value = held.shift();
      return value ? Promise.resolve({ value, done: false }) : iterator.next();
    },
    return: async () => {
      held.length = 0;
      await iterator.return?.();
      return { value: undefined, done: true };
    },
  }),
});

type Verdict = 'open' | 'blank' | 'go on';

/** What is to be done with an answer, as far as this batch of it tells. Throws where it is of no use. */
const judge = (batch: readonly Chunk[]): Verdict => {
  const { finish, visible, substance, blocked } = lookThrough(batch);
  if (finish !== undefined && !visible && isMalformedCall(finish)) throw malformedCall(finish);
  if (substance || blocked) return 'open';
  if (finish === undefined) return 'go on';
  return finish === 'STOP' ? 'blank' : 'open';
};
