/** Answers that another relay has kept: fetched into this one's memory when somebody comes back to them here. */
import { StateAway } from '../../../state/state.ts';
import type { State } from '../../../state/state.ts';
import type { System } from '../../../system.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';

export interface SharedAnswers {
  /** Those that stand before them, too. What is not there, or not now, is not found. */
  load(id: string, holder: string): Promise<void>;
  loadItem(itemId: string, holder: string): Promise<void>;
  /** Beside the requests. */
  put(answer: KeptAnswer, keepMs: number): void;
  /** Whether it was there. */
  remove(id: string, holder: string): Promise<boolean>;
}

interface Written {
  readonly holder: string;
  readonly response: string;
  readonly input: string;
  readonly itemIds: readonly string[];
  /** The ids of those before it, the oldest first. */
  readonly before: readonly string[];
}

export const NOT_SHARED: SharedAnswers = {
  load: () => Promise.resolve(),
  loadItem: () => Promise.resolve(),
  put: () => undefined,
  remove: () => Promise.resolve(false),
};

/** A Redis that is there and busy gets so much more, since without it such a request fails; what is told has more time. */
const BUSY_MS = 300;
const TOLD_WITHIN_MS = 5000;
const AGAIN_MS = 20;
/** Its client may have had an answer a moment ago, and come here sooner than what the other relay tells beside it. */
const ON_ITS_WAY_MS = 300;

export const createSharedAnswers = (
  kept: KeptAnswers,
  state: State,
  system: Pick<System, 'sleep' | 'monotonic'>,
): SharedAnswers => {
  const unlessAway = async <Value>(
    ask: () => Promise<Value>,
    without: Value,
    isHopeless = (): boolean => !state.health().ok,
    withinMs = BUSY_MS,
  ): Promise<Value> => {
    const until = system.monotonic() + withinMs;
    for (let waitMs = AGAIN_MS; ; waitMs *= 2) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StateAway)) throw error;
        if (isHopeless() || system.monotonic() + waitMs > until) return without;
        await system.sleep(waitMs);
      }
    }
  };

  const getSoon = async (key: string): Promise<string | undefined> => {
    const until = system.monotonic() + ON_ITS_WAY_MS;
    for (let waitMs = AGAIN_MS; ; waitMs *= 2) {
      const text = await state.get(key);
      if (text !== undefined || system.monotonic() + waitMs > until) return text;
      await system.sleep(waitMs);
    }
  };

  const load = async (id: string, holder: string): Promise<void> => {
    if (kept.find(id, holder)) return;
    const last = readAnswer(await getSoon(answerKey(id)), holder);
    if (!last) return;
    const earlier = await state.getAll(last.before.map(answerKey));
    let previous: KeptAnswer | undefined;
    for (const [index, text] of earlier.entries()) {
      const earlierId = last.before[index] ?? '';
      const written = readAnswer(text, holder);
      // A conversation with a hole in it is none.
      if (!written) return;
      previous = kept.find(earlierId, holder) ?? toAnswer(earlierId, written, previous);
    }
    kept.put(toAnswer(id, last, previous));
  };

  return {
    load: (id, holder) => unlessAway(() => load(id, holder), undefined),
    loadItem: async (itemId, holder) => {
      if (kept.findItem(itemId, holder)) return;
      const id = await unlessAway(() => getSoon(itemKey(itemId)), undefined);
      if (id !== undefined) await unlessAway(() => load(id, holder), undefined);
    },
    put: (answer, keepMs) => {
      const written: Written = {
        holder: answer.holder,
        response: answer.response.toString(),
        input: answer.input.toString(),
        itemIds: answer.itemIds,
        before: idsBefore(answer),
      };
      const text = JSON.stringify(written);
      const putAll = (): Promise<unknown> =>
        Promise.all([
          state.put(answerKey(answer.id), text, keepMs),
          ...answer.itemIds.map((itemId) => state.put(itemKey(itemId), answer.id, keepMs)),
        ]);
      // Nobody waits for it: it may be back by then.
      void unlessAway(putAll, undefined, () => false, TOLD_WITHIN_MS);
    },
    remove: async (id, holder) => {
      const there = await unlessAway(() => state.get(answerKey(id)), undefined);
      if (!readAnswer(there, holder)) return false;
      return unlessAway(() => state.remove(answerKey(id)), false);
    },
  };
};

const answerKey = (id: string): string => `response:${id}`;
const itemKey = (id: string): string => `item:${id}`;

const readAnswer = (text: string | undefined, holder: string): Written | undefined => {
  if (text === undefined) return undefined;
  const written = JSON.parse(text) as Written;
  return written.holder === holder ? written : undefined;
};

const toAnswer = (id: string, { holder, response, input, itemIds }: Written, previous?: KeptAnswer): KeptAnswer => ({
  ...{ id, holder, itemIds, previous },
  response: Buffer.from(response),
  input: Buffer.from(input),
});

const idsBefore = ({ previous }: KeptAnswer): string[] => {
  const ids: string[] = [];
  for (let at = previous; at; at = at.previous) ids.unshift(at.id);
  return ids;
};
