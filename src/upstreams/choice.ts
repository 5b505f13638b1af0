/**
 * Which of many keys serves a conversation: always the same one while it is open, each as often as any other. A key that
 * closes gives away its own conversations and no others, and has the same ones back when it opens; as by rendezvous
 * hashing, without asking every key.
 */
import { hashText, stir } from '../gemini/conversation.ts';

export interface Openness {
  /** By the key's place in the list. */
  isOpen(key: number): boolean;
  /** Open, but for now another would be better. */
  isBusy(key: number): boolean;
  /** When it opens; Infinity where it does not by itself. */
  opensAt(key: number): number;
}

export interface Choice {
  /**
   * The place of the key in the list; undefined where none is open. `skips` leaves out keys of this one request, and is
   * asked seldom. `view` names what `openness` looks at (a model) and how often that has changed.
   */
  pick(conversation: number, openness: Openness, view: View, skips?: (key: number) => boolean): number | undefined;
}

export interface View {
  readonly name: string;
  readonly version: number;
  readonly now: number;
}

/** So few keys are compared one by one. */
const FEW = 64;
/** So often a conversation looks into the table before it compares the keys that are open. */
const LOOKS = 32;
/** Of how many views it is remembered which keys are open. */
const MOST_VIEWS = 16;

/** `names`: what a key is known by for good (a digest), not its place, so that others may come and go. */
export const createChoice = (names: readonly string[]): Choice => {
  const hashes = Uint32Array.from(names, (name) => hashText(name));
  const all = Uint32Array.from(names, (_name, key) => key);
  const table = names.length > FEW ? createTable(names, hashes) : undefined;
  const lists = new Map<string, OpenKeys>();

  /** Rendezvous: of these, the best for the conversation that `fits`. */
  const best = (conversation: number, keys: Uint32Array, fits: (key: number) => boolean): number | undefined => {
    let found: number | undefined;
    let highest = -1;
    // By number: walking the array in the other way takes three times as long.
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? 0;
      const score = stir(conversation ^ (hashes[key] ?? 0));
      if (score <= highest || !fits(key)) continue;
      found = key;
      highest = score;
    }
    return found;
  };

  const look = (conversation: number, fits: (key: number) => boolean): number | undefined => {
    if (!table) return undefined;
    const mask = table.length - 1;
    let at = conversation;
    for (let looks = 0; looks < LOOKS; looks += 1) {
      at = stir(at + STEP);
      const key = table[at & mask] ?? 0;
      if (key !== 0 && fits(key - 1)) return key - 1;
    }
    return undefined;
  };

  const openKeys = (openness: Openness, { name, version, now }: View): Uint32Array => {
    const known = lists.get(name);
    if (known?.version === version && now >= known.from && now < known.until) return known.keys;
    let until = Infinity;
    const keys = all.filter((key) => {
      if (openness.isOpen(key)) return true;
      until = Math.min(until, openness.opensAt(key));
      return false;
    });
    if (lists.size >= MOST_VIEWS && !known) lists.clear();
    lists.set(name, { version, from: now, until, keys });
    return keys;
  };

  const find = (
    conversation: number,
    openness: Openness,
    view: View,
    fits: (key: number) => boolean,
  ): number | undefined =>
    table
      ? (look(conversation, fits) ?? best(conversation, openKeys(openness, view), fits))
      : best(conversation, all, fits);

  return {
    pick: (conversation, openness, view, skips) => {
      const isUsable = (key: number): boolean => openness.isOpen(key) && skips?.(key) !== true;
      const isBest = (key: number): boolean => isUsable(key) && !openness.isBusy(key);
      return find(conversation, openness, view, isBest) ?? find(conversation, openness, view, isUsable);
    },
  };
};

interface OpenKeys {
  readonly version: number;
  readonly from: number;
  readonly until: number;
  readonly keys: Uint32Array;
}

const STEP = 0x9e3779b9;

/**
 * Each key has one place in the table, found by its own hash, so each look meets each key equally often. It is at least
 * half empty, and as large for 65 keys as for 2,048: a key that comes or goes leaves the others where they are.
 */
const createTable = (names: readonly string[], hashes: Uint32Array): Uint16Array | Uint32Array => {
  let size = 4096;
  while (size < 2 * names.length) size *= 4;
  const table = names.length < 65_535 ? new Uint16Array(size) : new Uint32Array(size);
  const order = Array.from(hashes.keys()).sort(
    (one, other) => (hashes[one] ?? 0) - (hashes[other] ?? 0) || ((names[one] ?? '') < (names[other] ?? '') ? -1 : 1),
  );
  for (const key of order) {
    let at = hashes[key] ?? 0;
    while (table[at & (size - 1)] !== 0) at = stir(at + STEP);
    table[at & (size - 1)] = key + 1;
  }
  return table;
};
