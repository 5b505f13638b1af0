/** Answers that another relay has kept: fetched into this one's memory when somebody comes back to them here. */
import type { SignatureLook } from '../../../gemini/shared-signatures.ts';
import type { RedisState } from '../../../state/redis.ts';
import { StateAway } from '../../../state/state.ts';
import type { System } from '../../../system.ts';
import {
  ANSWER_KEY,
  ITEM_KEY,
  LOAD_ANSWERS,
  LOAD_KEYS,
  readAnswer,
  readFound,
  writeAnswer,
  writeItem,
} from './answer-script.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';
import { askedText, KeptTexts } from './kept-text.ts';

/** What somebody comes back to. */
export interface Recalled {
  readonly answers: readonly string[];
  readonly items: readonly string[];
  /** Places of signatures of calls that the client itself brings beside them. */
  readonly places?: readonly string[];
}

export interface SharedAnswers {
  /** With those that stand before them and the signatures in them. What is not there, or not now, is not found. */
  load(wanted: Recalled, holder: string, look?: SignatureLook): Promise<void>;
  /** Whether anything of it is not here. */
  lacks(wanted: Recalled, holder: string): boolean;
  /** Where the tokens of all that are told. */
  keysOf(wanted: Recalled): readonly string[];
  /** Beside the requests. */
  put(answer: KeptAnswer, weigh: () => Measure, keepMs: number): void;
  /** Whether it was there. */
  remove(id: string, holder: string): Promise<boolean>;
}

/** What an answer adds to a request that goes on from it: about, and rather more than less. */
export interface Measure {
  /** Of all up to its end. */
  readonly tokens: number;
  /** Of each item that may be referred to, in the order of its ids. */
  readonly itemTokens: readonly number[];
  /** Places of the signatures in all of it. */
  readonly signatures: readonly string[];
}

interface Body {
  readonly holder: string;
  readonly response: string;
  readonly input: string;
  readonly itemIds: readonly string[];
}

interface Written extends Body {
  readonly before: readonly string[];
}

export const NOT_SHARED: SharedAnswers = {
  load: () => Promise.resolve(),
  lacks: () => false,
  keysOf: () => [],
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
  state: Pick<RedisState, 'link' | 'health' | 'get' | 'put' | 'remove'>,
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

  const missing = ({ answers, items, places = [] }: Recalled, holder: string): Required<Recalled> => ({
    places,
    answers: answers.filter((id) => !kept.find(id, holder)),
    items: items.filter((id) => !kept.findItem(id, holder)),
  });
  const isNothing = ({ answers, items }: Recalled): boolean => answers.length === 0 && items.length === 0;

  /** What is found is here from then on. */
  const fetchOnce = async (
    { answers, items, places }: Required<Recalled>,
    holder: string,
    look?: SignatureLook,
  ): Promise<void> => {
    const words = [answers.length, items.length, ...answers, ...items, ...places];
    const found = readFound(await state.link.run(LOAD_ANSWERS, LOAD_KEYS, words));
    look?.take(found.signatures);
    for (const id of found.asked) {
      const answer = kept.find(id, holder) ? undefined : whole(id, holder, found.texts);
      if (answer) kept.put(answer);
    }
  };

  /** A conversation with a hole in it is none. */
  const whole = (id: string, holder: string, texts: ReadonlyMap<string, string>): KeptAnswer | undefined => {
    const last = written(texts.get(id), holder);
    if (!last) return undefined;
    let previous: KeptAnswer | undefined;
    for (const earlierId of last.before) {
      const earlier = written(texts.get(earlierId), holder);
      if (!earlier) return undefined;
      previous = kept.find(earlierId, holder) ?? toAnswer(earlierId, earlier, previous);
    }
    return toAnswer(id, last, previous);
  };

  const load: SharedAnswers['load'] = async (wanted, holder, look) => {
    const until = system.monotonic() + ON_ITS_WAY_MS;
    for (let waitMs = AGAIN_MS; ; waitMs *= 2) {
      const asked = missing(wanted, holder);
      if (isNothing(asked)) return;
      await fetchOnce(asked, holder, look);
      if (isNothing(missing(asked, holder)) || system.monotonic() + waitMs > until) return;
      await system.sleep(waitMs);
    }
  };

  return {
    load: (wanted, holder, look) => unlessAway(() => load(wanted, holder, look), undefined),
    lacks: (wanted, holder) => !isNothing(missing(wanted, holder)),
    keysOf: ({ answers, items }) => [...answers.map((id) => ANSWER_KEY + id), ...items.map((id) => ITEM_KEY + id)],
    put: (answer, weigh, keepMs) => {
      const { tokens, itemTokens, signatures } = weigh();
      const { id, holder, texts } = answer;
      const { response, asked, itemIds } = texts;
      const body: Body = { holder, response, input: asked, itemIds };
      const text = writeAnswer(tokens, { before: idsBefore(answer), signatures }, body);
      const putAll = (): Promise<unknown> =>
        Promise.all([
          state.put(ANSWER_KEY + id, text, keepMs),
          ...itemIds.map((itemId, at) => state.put(ITEM_KEY + itemId, writeItem(itemTokens[at] ?? 0, id), keepMs)),
        ]);
      // Nobody waits for it: it may be back by then.
      void unlessAway(putAll, undefined, () => false, TOLD_WITHIN_MS);
    },
    remove: async (id, holder) => {
      const there = await unlessAway(() => state.get(ANSWER_KEY + id), undefined);
      if (!written(there, holder)) return false;
      return unlessAway(() => state.remove(ANSWER_KEY + id), false);
    },
  };
};

const written = (text: string | undefined, holder: string): Written | undefined => {
  const read = text === undefined ? undefined : readAnswer(text);
  if (!read) return undefined;
  const body = JSON.parse(read.body) as Body;
  return body.holder === holder ? { ...body, before: read.head.before } : undefined;
};

const toAnswer = (id: string, { holder, response, input, itemIds }: Written, previous?: KeptAnswer): KeptAnswer => ({
  ...{ id, holder, previous },
  texts: new KeptTexts(response, askedText(input), JSON.stringify(itemIds)),
});

const idsBefore = ({ previous }: KeptAnswer): string[] => {
  const ids: string[] = [];
  for (let at = previous; at; at = at.previous) ids.unshift(at.id);
  return ids;
};
