/** Answers that all relays on one Redis find: each is told them all, and fetches them when somebody comes back to them here. */
import type { SignatureLook } from '../../../gemini/shared-signatures.ts';
import { createPatience } from '../../../state/patience.ts';
import type { RedisState } from '../../../state/redis.ts';
import type { System } from '../../../system.ts';
import {
  ANSWER_KEY,
  ITEM_KEY,
  KEEP_ANSWER,
  KEEP_EARLIER,
  LOAD_ANSWERS,
  LOAD_KEYS,
  readFound,
  STORE_KEYS,
} from './answer-scripts.ts';
import type { AnswerHead } from './answer-scripts.ts';
import { shareForgetting } from './forgetting.ts';
import type { KeptAnswer, KeptAnswers } from './kept.ts';
import { bodyOf, readShared } from './shared-answer.ts';
import type { SharedAnswer } from './shared-answer.ts';
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
  /** By this relay and all others. Whether anybody had it, as far as is known. */
  forget(id: string, holder: string): Promise<boolean>;
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

export const keptHereAlone = (kept: KeptAnswers): SharedAnswers => ({
  load: () => Promise.resolve(),
  lacks: () => false,
  keysOf: () => [],
  put: () => undefined,
  forget: (id, holder) => Promise.resolve(kept.remove(id, holder)),
});

const AGAIN_MS = 20;
/** Its client may have had an answer a moment ago, and come here sooner than what the other relay tells beside it. */
const ON_ITS_WAY_MS = 300;

export const createSharedAnswers = (
  kept: KeptAnswers,
  state: Pick<
    RedisState,
    'link' | 'health' | 'now' | 'get' | 'publish' | 'follow' | 'onReady' | 'relays' | 'heardByAll'
  >,
  system: Pick<System, 'sleep' | 'monotonic'>,
): SharedAnswers => {
  const { unlessAway, soon } = createPatience(state, system);
  /** Those that Redis is being told. */
  const onTheirWay = new Set<string>();
  const forgetHere = (id: string, holder: string): boolean => {
    onTheirWay.delete(id);
    return kept.remove(id, holder);
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
      if (kept.find(id, holder)) continue;
      const last = readShared(found.texts.get(id), holder);
      const answer = last && whole(id, last, found.texts);
      if (answer) kept.put(answer, last.foundUntil - state.now());
    }
  };

  /** A conversation with a hole in it is none. */
  const whole = (id: string, last: SharedAnswer, texts: ReadonlyMap<string, string>): KeptAnswer | undefined => {
    let previous: KeptAnswer | undefined;
    for (const earlierId of last.before) {
      const earlier = readShared(texts.get(earlierId), last.holder);
      if (!earlier) return undefined;
      previous = kept.find(earlierId, last.holder) ?? toAnswer(earlierId, earlier, previous);
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

  /** With what Redis lacks of those before it. */
  const keep = async (
    answer: KeptAnswer,
    { tokens, itemTokens, signatures }: Measure,
    keepMs: number,
  ): Promise<void> => {
    const { id, texts } = answer;
    const before = earlierOf(answer);
    const head: AnswerHead = { before: before.map((earlier) => earlier.id), signatures };
    const items = texts.itemIds.flatMap((itemId, at) => [itemId, itemTokens[at] ?? 0]);
    const words = [id, keepMs, tokens, JSON.stringify(head), bodyOf(answer), ...items];
    const lacking = await state.link.run(KEEP_ANSWER, STORE_KEYS, words);
    const lacks = new Set(Array.isArray(lacking) ? lacking : []);
    for (const [at, earlier] of before.entries()) {
      if (!lacks.has(earlier.id)) continue;
      const itsHead: AnswerHead = { before: head.before.slice(0, at), signatures: [] };
      const itsWords = [earlier.id, keepMs, JSON.stringify(itsHead), bodyOf(earlier)];
      await state.link.run(KEEP_EARLIER, [ANSWER_KEY], itsWords);
    }
  };

  return {
    load: async (wanted, holder, look) => {
      await unlessAway(() => load(wanted, holder, look));
    },
    lacks: (wanted, holder) => !isNothing(missing(wanted, holder)),
    keysOf: ({ answers, items }) => [...answers.map((id) => ANSWER_KEY + id), ...items.map((id) => ITEM_KEY + id)],
    put: (answer, weigh, keepMs) => {
      const measure = weigh();
      onTheirWay.add(answer.id);
      void soon(async () => {
        if (onTheirWay.has(answer.id)) await keep(answer, measure, keepMs);
      }).finally(() => onTheirWay.delete(answer.id));
    },
    forget: shareForgetting(forgetHere, state, system),
  };
};

const toAnswer = (id: string, shared: SharedAnswer, previous?: KeptAnswer): KeptAnswer => ({
  ...{ id, holder: shared.holder, previous },
  texts: new KeptTexts(shared.response, askedText(shared.input), JSON.stringify(shared.itemIds)),
});

/** The oldest first. */
const earlierOf = ({ previous }: KeptAnswer): KeptAnswer[] => {
  const earlier: KeptAnswer[] = [];
  for (let at = previous; at; at = at.previous) earlier.push(at);
  return earlier.reverse();
};
