/**
 * Answers that clients come back to, in this process' memory: for a while, in bounded room, each for who made it alone.
 * What was asked is kept as text: parsed, it takes five times the room.
 */
import { Roll } from '../../../engine/roll.ts';
import type { Place } from '../../../engine/roll.ts';
import { Shelf } from '../../../engine/shelf.ts';
import type { System } from '../../../system.ts';
import type { KeptTexts } from './kept-text.ts';

export interface KeptAnswer {
  readonly id: string;
  /** Who made it: nobody else finds it. */
  readonly holder: string;
  readonly texts: KeptTexts;
  /** What it goes on from. It stays as long as this does, also when it can't be found by itself any more. */
  readonly previous: KeptAnswer | undefined;
}

export interface KeptAnswers {
  put(answer: KeptAnswer): void;
  find(id: string, holder: string): KeptAnswer | undefined;
  /** The answer in which an item stands. */
  findItem(itemId: string, holder: string): KeptAnswer | undefined;
  remove(id: string, holder: string): boolean;
  readonly bytes: number;
}

export interface KeepLimits {
  /** 0: nothing is kept. */
  readonly ageMs: number;
  readonly bytes: number;
}

export const MOST_KEPT_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly answer: KeptAnswer;
  /** Besides what it has on the shelf. */
  readonly bytes: number;
  readonly keptAt: number;
  readonly previous: Entry | undefined;
  /** The list of answers, and each answer that goes on from this one. */
  holds: number;
  place: Place<Entry> | undefined;
}

interface FreshAnswer {
  readonly answer: KeptAnswer;
  readonly keptAt: number;
}

export const createKeptAnswers = (limits: KeepLimits, system: Pick<System, 'monotonic'>): KeptAnswers => {
  const entries = new Map<string, Entry>();
  /** The oldest first. A Map keeps the order, too, but walks past all that have left each time that it is asked. */
  const inOrder = new Roll<Entry>();
  /** Those that are in no list, or not in this one, while an answer goes on from them. */
  const apart = new WeakMap<KeptAnswer, Entry>();
  /** The answers in which items stand. Made for the first who asks: most clients never do. */
  let byItem: Map<string, string> | undefined;
  const shelf = new Shelf(Math.min(BOARD_BYTES, limits.bytes / LEAST_BOARDS));
  let total = 0;
  /** In no list so far. */
  const fresh: FreshAnswer[] = [];

  /** That of an answer in another list is in memory as well as long as this one goes on from it. */
  const entryFor = (answer: KeptAnswer): Entry | undefined => {
    const missing: KeptAnswer[] = [];
    let entry: Entry | undefined;
    for (let at: KeptAnswer | undefined = answer; at && !(entry = known(at)); at = at.previous) missing.push(at);
    for (const one of missing.reverse()) {
      entry = enter(one, entry);
      apart.set(one, entry);
    }
    return entry;
  };
  const known = (answer: KeptAnswer): Entry | undefined => {
    const entry = entries.get(answer.id);
    return entry?.answer === answer ? entry : apart.get(answer);
  };
  const enter = (answer: KeptAnswer, previous: Entry | undefined, keptAt = system.monotonic()): Entry => {
    const bytes = ENTRY_BYTES + answer.texts.settle(shelf);
    return { answer, bytes, keptAt, previous, holds: 0, place: undefined };
  };
  /** An answer is out of memory when the last that goes on from it is. */
  const letGo = (entry: Entry): void => {
    for (let at: Entry | undefined = entry; at; at = at.previous) {
      at.holds -= 1;
      if (at.holds > 0) return;
      total -= at.bytes;
      at.answer.texts.release(shelf);
    }
  };
  const hold = (entry: Entry | undefined): void => {
    for (let at = entry; at; at = at.previous) {
      at.holds += 1;
      if (at.holds > 1) return;
      total += at.bytes;
      at.answer.texts.hold(shelf);
    }
  };
  const drop = (entry: Entry): void => {
    const { id, texts } = entry.answer;
    entries.delete(id);
    if (entry.place) inOrder.leave(entry.place);
    if (byItem) for (const itemId of texts.itemIds) if (byItem.get(itemId) === id) byItem.delete(itemId);
    letGo(entry);
    if (entry.holds === 0) return;
    apart.set(entry.answer, entry);
    // What lies beside it leaves now, too, and would go on to count.
    texts.moveOut();
  };
  const sweep = (): void => {
    const oldest = system.monotonic() - limits.ageMs;
    for (let first = inOrder.first; first; first = inOrder.first) {
      if (first.member.keptAt > oldest && total + shelf.bytes <= limits.bytes) return;
      drop(first.member);
    }
  };
  const takeFresh = (): void => {
    for (const { answer, keptAt } of fresh.splice(0)) {
      // Two who looked for it elsewhere at the same time both bring it.
      const same = entries.get(answer.id);
      if (same) drop(same);
      const entry = enter(answer, answer.previous && entryFor(answer.previous), keptAt);
      // While it was made, what it goes on from may have had to leave: then it is in memory again.
      hold(entry);
      entries.set(answer.id, entry);
      entry.place = inOrder.enter(entry);
      if (byItem) noteItems(byItem, answer);
    }
    sweep();
  };
  const find = (id: string | undefined, holder: string): Entry | undefined => {
    takeFresh();
    const entry = id === undefined ? undefined : entries.get(id);
    return entry?.answer.holder === holder ? entry : undefined;
  };

  return {
    put: (answer) => {
      // Its client waits for it, and for this it need not: whoever asks for it sooner finds it all the same.
      if (fresh.push({ answer, keptAt: system.monotonic() }) === 1) setImmediate(takeFresh);
    },
    find: (id, holder) => find(id, holder)?.answer,
    findItem: (itemId, holder) => {
      takeFresh();
      if (!byItem) {
        byItem = new Map();
        for (const { answer } of inOrder) noteItems(byItem, answer);
      }
      return find(byItem.get(itemId), holder)?.answer;
    },
    remove: (id, holder) => {
      const entry = find(id, holder);
      if (entry) drop(entry);
      return entry !== undefined;
    },
    get bytes() {
      takeFresh();
      return total + shelf.bytes;
    },
  };
};

const noteItems = (byItem: Map<string, string>, { id, texts }: KeptAnswer): void => {
  for (const itemId of texts.itemIds) byItem.set(itemId, id);
};

/** Room for what an entry costs besides, and its places in the lists. */
const ENTRY_BYTES = 1024;

const BOARD_BYTES = 64 * 1024;
/** Of a room that is smaller they are a small part, too. */
const LEAST_BOARDS = 64;
