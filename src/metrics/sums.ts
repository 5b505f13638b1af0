import type { LabelsOf, Name } from './names.ts';

/** One line of a metric, or one histogram of it. */
export interface Sample<One extends Name, Value> {
  readonly labels: LabelsOf<One>;
  readonly value: Value;
}

/** Values by their labels, where several belong together. */
export class Sums<One extends Name, Value> {
  readonly #known = new Map<string, Sample<One, Value>>();

  /** `add` gets what is known already. */
  add(labels: LabelsOf<One>, add: (before: Value | undefined) => Value): void {
    const key = JSON.stringify(labels);
    this.#known.set(key, { labels, value: add(this.#known.get(key)?.value) });
  }

  samples(): Iterable<Sample<One, Value>> {
    return this.#known.values();
  }
}

/** A counter of what happens now and then. */
export class Tally<One extends Name> {
  readonly #sums = new Sums<One, number>();

  count(labels: LabelsOf<One>): void {
    this.#sums.add(labels, (before = 0) => before + 1);
  }

  samples(): Iterable<Sample<One, number>> {
    return this.#sums.samples();
  }
}
