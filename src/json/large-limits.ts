/** What a large body may hold, and what is thrown beyond that. */

/** The engine takes the length of a longer one for its hash: thousands of one length would be compared with each other. */
export const LONGEST_NAME = 8 * 1024;

export interface LargeOptions {
  /** Members of these names, wherever they stand, become RawJson where their value is an object or an array. */
  readonly raw?: ReadonlySet<string> | undefined;
  /** Members of the body itself that hold their value or its JSON as a string. */
  readonly inText?: ReadonlySet<string> | undefined;
  readonly maxValues: number;
  /** Of those that are only looked through and stay as they are written. */
  readonly maxKept: number;
  /** What is thrown where there are more. */
  readonly tooMany: () => Error;
  /** What is thrown where a name is longer than LONGEST_NAME. */
  readonly longName: () => Error;
  /** What is thrown where strings that may be keys are not told apart quickly. */
  readonly alike: (name: string) => Error;
}

/** Of a body and all the JSON in its strings. */
export class ValueCount {
  /** Bytes of such strings. */
  inText = 0;
  #values = 1;
  #kept = 0;
  readonly #limits: Pick<LargeOptions, 'maxValues' | 'maxKept' | 'tooMany'>;

  constructor(limits: LargeOptions) {
    this.#limits = limits;
  }

  add(): void {
    this.#values += 1;
    if (this.#values > this.#limits.maxValues) throw this.#limits.tooMany();
  }

  addKept(values: number): void {
    this.#kept += values;
    if (this.#kept > this.#limits.maxKept) throw this.#limits.tooMany();
  }
}
