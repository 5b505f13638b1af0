/**
 * Answers that clients come back to, in this process' memory: for a while, in bounded room, each for who made it alone.
 * What was asked is kept as text: parsed, it takes five times the room.
 */
import type { System } from '../../../system.ts';
import { KeptEntries } from './kept-entries.ts';
import type { Entry } from './kept-entries.ts';
import { KeptRecords } from './kept-records.ts';
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
  /** For as long as it is kept, or for what another relay has left of that. */
  put(answer: KeptAnswer, leftMs?: number): void;
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

interface FreshAnswer {
  readonly answer: KeptAnswer;
  readonly keptAt: number;
}

export const createKeptAnswers = (limits: KeepLimits, system: Pick<System, 'monotonic'>): KeptAnswers => {
  const records = new KeptRecords(Math.min(BOARD_BYTES, limits.bytes / LEAST_BOARDS), ENTRY_BYTES);
  const entries = new KeptEntries(ENTRY_BYTES);
  /** The answers in which items stand. Made for the first who asks: most clients never do. */
  let byItem: ByItem | undefined;
  /** In no list so far. */
  const fresh: FreshAnswer[] = [];

  const drop = (entry: Entry): void => {
    if (byItem) forgetItems(byItem, entry.answer);
    entries.drop(entry);
  };
  const dropOldestRecord = (): void => {
    const oldest = byItem && records.readOldest();
    if (byItem && oldest) forgetItems(byItem, oldest);
    records.dropOldest();
  };
  const sweep = (): void => {
    const tooOld = system.monotonic() - limits.ageMs;
    for (;;) {
      const entry = entries.oldest;
      const [recordAt, entryAt] = [records.oldestAt, entry?.keptAt ?? Infinity];
      const oldestAt = Math.min(recordAt, entryAt);
      const isRoom = entries.bytes + records.bytes <= limits.bytes;
      if (oldestAt === Infinity || (oldestAt > tooOld && isRoom)) return;
      if (entry && entryAt < recordAt) drop(entry);
      else dropOldestRecord();
    }
  };
  /** Two who looked for it elsewhere at the same time both bring it. */
  const forget = (id: string, holder: string): boolean => {
    let isThere = false;
    for (let record = records.take(id, holder); record; record = records.take(id, holder)) {
      if (byItem) forgetItems(byItem, record.answer);
      isThere = true;
    }
    const entry = entries.find(id);
    if (entry?.answer.holder !== holder) return isThere;
    drop(entry);
    return true;
  };
  const takeFresh = (): void => {
    for (const { answer, keptAt } of fresh.splice(0)) {
      if (!records.put(answer, keptAt)) {
        const same = entries.find(answer.id);
        if (same) drop(same);
        entries.enter(answer, keptAt);
      }
      if (byItem) noteItems(byItem, answer);
    }
    sweep();
  };
  const comeBackTo = (id: string, holder: string): Entry | undefined => {
    const record = records.take(id, holder);
    if (!record) return undefined;
    const entry = entries.enter(record.answer, record.keptAt);
    // It may take more than its record.
    sweep();
    return entry;
  };
  const find = (id: string | undefined, holder: string): KeptAnswer | undefined => {
    takeFresh();
    if (id === undefined) return undefined;
    const entry = entries.find(id) ?? comeBackTo(id, holder);
    if (entry?.answer.holder !== holder) return undefined;
    // Those that somebody has come back to are not in order.
    if (entry.keptAt > system.monotonic() - limits.ageMs) return entry.answer;
    drop(entry);
    return undefined;
  };

  return {
    put: (answer, leftMs = Infinity) => {
      const keptAt = system.monotonic() - (leftMs < limits.ageMs ? limits.ageMs - leftMs : 0);
      // Its client waits for it, and for this it need not: whoever asks for it sooner finds it all the same.
      if (fresh.push({ answer, keptAt }) === 1) setImmediate(takeFresh);
    },
    find,
    findItem: (itemId, holder) => {
      takeFresh();
      byItem ??= itemsOf(records, entries);
      return find(byItem.get(itemId), holder);
    },
    remove: (id, holder) => {
      takeFresh();
      return forget(id, holder);
    },
    get bytes() {
      takeFresh();
      return entries.bytes + records.bytes;
    },
  };
};

/** The answer in which each item stands. */
type ByItem = Map<string, string>;

const itemsOf = (...lists: readonly Iterable<KeptAnswer>[]): ByItem => {
  const byItem: ByItem = new Map();
  for (const list of lists) for (const answer of list) noteItems(byItem, answer);
  return byItem;
};

const noteItems = (byItem: ByItem, { id, texts }: KeptAnswer): void => {
  for (const itemId of texts.itemIds) byItem.set(itemId, id);
};

const forgetItems = (byItem: ByItem, { id, texts }: KeptAnswer): void => {
  for (const itemId of texts.itemIds) if (byItem.get(itemId) === id) byItem.delete(itemId);
};

/** Room for what an entry costs besides, and its places in the lists. A record counts as what it may become. */
const ENTRY_BYTES = 1024;

const BOARD_BYTES = 64 * 1024;
/** Of a room that is smaller they are a small part, too. */
const LEAST_BOARDS = 64;
