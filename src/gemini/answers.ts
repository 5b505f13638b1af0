/** How an answer is watched on its way, without a hand-made iterator at each who does. */
import { RelayError } from '../errors.ts';
import type { Answer, Chunk } from './call.ts';

export interface Watcher {
  /** What one network read brought, before the reader of the answer has it: so often, and not for each chunk of a burst. */
  batch?(batch: readonly Chunk[]): void;
  /** Once. Never for an answer that nobody began to read. */
  over?(ending: Ending): void;
}

export type Ending =
  /** A true end. */
  | { readonly kind: 'end' }
  /** It broke, or its time was over. */
  | { readonly kind: 'error'; readonly error: unknown }
  /** Its reader wants no more of it, mostly because the client has gone. */
  | { readonly kind: 'left' };

/** The answer, with a watcher beside it. A whole answer is there already: it is looked through at once, and stays as it is. */
export const watched = (answer: Answer, watcher: Watcher): Answer => {
  if (Symbol.asyncIterator in answer) return new WatchedStream(answer[Symbol.asyncIterator](), watcher);
  for (const batch of answer) watcher.batch?.(batch);
  watcher.over?.(END);
  return answer;
};

/** By hand, for the reason that answers are (`upstreams/answer-events.ts`). */
class WatchedStream implements AsyncIterableIterator<readonly Chunk[], undefined> {
  readonly #source: AsyncIterator<readonly Chunk[]>;
  readonly #watcher: Watcher;
  #isOver = false;

  constructor(source: AsyncIterator<readonly Chunk[]>, watcher: Watcher) {
    this.#source = source;
    this.#watcher = watcher;
  }

  next(): Promise<IteratorResult<readonly Chunk[], undefined>> {
    return this.#source.next().then(this.#take, this.#fail);
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#end(LEFT);
    await this.#source.return?.();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  readonly #take = (next: IteratorResult<readonly Chunk[]>): IteratorResult<readonly Chunk[], undefined> => {
    if (next.done === true) {
      this.#end(END);
      return DONE;
    }
    this.#watcher.batch?.(next.value);
    return next;
  };

  readonly #fail = (error: unknown): never => {
    this.#end(error instanceof RelayError && error.code === 'CANCELLED' ? LEFT : { kind: 'error', error });
    throw error;
  };

  #end(ending: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watcher.over?.(ending);
  }
}

const END: Ending = { kind: 'end' };
const LEFT: Ending = { kind: 'left' };
const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };
