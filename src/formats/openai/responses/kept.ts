/**
 * Answers that clients come back to, in this process' memory: for a while, in bounded room, each for who made it alone.
 * What was asked is kept as bytes: parsed, it takes five times the room.
 */
import type { System } from '../../../system.ts';

export interface KeptAnswer {
  readonly id: string;
  /** Who made it: nobody else finds it. */
  readonly holder: string;
  /** The response as its client has it. */
  readonly response: Buffer;
  /** The items of its request, a JSON list. */
  readonly input: Buffer;
  /** Ids of items of both, to be found by. */
  readonly itemIds: readonly string[];
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
  readonly bytes: number;
  readonly keptAt: number;
  readonly previous: Entry | undefined;
  /** The list of answers, and each answer that goes on from this one. */
  holds: number;
}

export const createKeptAnswers = (limits: KeepLimits, system: Pick<System, 'monotonic'>): KeptAnswers => {
  // A Map keeps the order of insertion: the first entry is the oldest.
  const entries = new Map<string, Entry>();
  const entryOf = new WeakMap<KeptAnswer, Entry>();
  const byItem = new Map<string, string>();
  let total = 0;

  /** That of an answer in another list is in memory as well as long as this one goes on from it. */
  const entryFor = (answer: KeptAnswer | undefined): Entry | undefined => {
    const missing: KeptAnswer[] = [];
    let at = answer;
    for (; at && !entryOf.has(at); at = at.previous) missing.push(at);
    let entry = at && entryOf.get(at);
    for (const one of missing.reverse()) entry = enter(one, entry);
    return entry;
  };
  const enter = (answer: KeptAnswer, previous: Entry | undefined): Entry => {
    const entry = { answer, bytes: sizeOf(answer), keptAt: system.monotonic(), previous, holds: 0 };
    entryOf.set(answer, entry);
    return entry;
  };
  /** An answer is out of memory when the last that goes on from it is. */
  const letGo = (entry: Entry): void => {
    for (let at: Entry | undefined = entry; at; at = at.previous) {
      at.holds -= 1;
      if (at.holds > 0) return;
      total -= at.bytes;
    }
  };
  const hold = (entry: Entry | undefined): void => {
    for (let at = entry; at; at = at.previous) {
      at.holds += 1;
      if (at.holds > 1) return;
      total += at.bytes;
    }
  };
  const drop = (entry: Entry): void => {
    const { id, itemIds } = entry.answer;
    entries.delete(id);
    for (const itemId of itemIds) if (byItem.get(itemId) === id) byItem.delete(itemId);
    letGo(entry);
  };
  const sweep = (): void => {
    const oldest = system.monotonic() - limits.ageMs;
    for (const entry of entries.values()) {
      if (entry.keptAt > oldest && total <= limits.bytes) return;
      drop(entry);
    }
  };
  const find = (id: string | undefined, holder: string): Entry | undefined => {
    sweep();
    const entry = id === undefined ? undefined : entries.get(id);
    return entry?.answer.holder === holder ? entry : undefined;
  };

  return {
    put: (answer) => {
      if (limits.ageMs === 0) return;
      const entry = enter(answer, entryFor(answer.previous));
      // While it was made, what it goes on from may have had to leave: then it is in memory again.
      hold(entry);
      entries.set(answer.id, entry);
      for (const itemId of answer.itemIds) byItem.set(itemId, answer.id);
      sweep();
    },
    find: (id, holder) => find(id, holder)?.answer,
    findItem: (itemId, holder) => find(byItem.get(itemId), holder)?.answer,
    remove: (id, holder) => {
      const entry = find(id, holder);
      if (entry) drop(entry);
      return entry !== undefined;
    },
    get bytes() {
      return total;
    },
  };
};

/** Room for what an entry and its ids cost besides. */
const ENTRY_BYTES = 1024;
const ITEM_BYTES = 128;

const sizeOf = ({ response, input, itemIds }: KeptAnswer): number =>
  response.length + input.length + itemIds.length * ITEM_BYTES + ENTRY_BYTES;
