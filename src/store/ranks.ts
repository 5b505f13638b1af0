/**
 * What PostgreSQL calls `percentile_disc`, for rows that come one by one: the middle value and the one that 95 of 100
 * do not exceed, by the nearest rank. (SQLite has a function of that name that counts otherwise.)
 */
import type { Value } from './database.ts';

export type MiddleAndHigh = readonly [middle: number, high: number];

export interface Ranks {
  /** Null: of all names together. */
  readonly name: Value;
  /** Of each column; null where it has no value. */
  readonly ofColumns: readonly (MiddleAndHigh | null)[];
}

export const MIDDLE = 0.5;
export const HIGH = 0.95;

/** So many values of a name are kept, and until there are more ranks are exact: then every second one, every fourth … */
const MOST_VALUES = 1 << 20;
const FIRST_VALUES = 256;

export const ranksOf = (rows: Iterable<readonly Value[]>, mostValues = MOST_VALUES): readonly Ranks[] => {
  const names = new Map<Value, readonly Values[]>();
  for (const [name = null, ...row] of rows) {
    for (const one of name === null ? [null] : [name, null]) {
      let columns = names.get(one);
      if (!columns) {
        columns = row.map(() => new Values(mostValues));
        names.set(one, columns);
      }
      for (let at = 0; at < row.length; at += 1) {
        const value = row[at];
        if (typeof value === 'number') columns[at]?.add(value);
      }
    }
  }
  return Array.from(names, ([name, columns]) => ({ name, ofColumns: columns.map((values) => values.ranks()) }));
};

class Values {
  #kept = new Float64Array(FIRST_VALUES);
  #count = 0;
  #seen = 0;
  /** One of so many is kept. */
  #every = 1;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(value: number): void {
    const isKept = this.#seen % this.#every === 0;
    this.#seen += 1;
    if (!isKept) return;
    if (this.#count === this.#kept.length) this.#makeRoom();
    this.#kept[this.#count] = value;
    this.#count += 1;
  }

  ranks(): MiddleAndHigh | null {
    const sorted = this.#kept.subarray(0, this.#count).sort();
    const at = (share: number): number | undefined => sorted[Math.ceil(sorted.length * share) - 1];
    const [middle, high] = [at(MIDDLE), at(HIGH)];
    return middle === undefined || high === undefined ? null : [middle, high];
  }

  #makeRoom(): void {
    const { length } = this.#kept;
    if (length < this.#most) {
      const before = this.#kept;
      this.#kept = new Float64Array(length * 2);
      this.#kept.set(before);
      return;
    }
    this.#count = length / 2;
    for (let at = 0; at < this.#count; at += 1) this.#kept[at] = this.#kept[at * 2] ?? 0;
    this.#every *= 2;
  }
}
