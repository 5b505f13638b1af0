/** Looks for the stop sequences that Google was not told of, in a text that comes in pieces. */
export class StopScanner {
  readonly #stops: readonly string[];
  /** As much as may be the beginning of a sequence. */
  readonly #heldLength: number;
  #held = '';
  #found: string | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
    this.#heldLength = stops.reduce((longest, { length }) => Math.max(longest, length), 1) - 1;
  }

  /** The one at which the text ended; nothing that comes behind it is the client's. */
  get found(): string | undefined {
    return this.#found;
  }

  /** What can be shown of the text so far. */
  push(text: string): string {
    if (this.#found !== undefined) return '';
    const all = this.#held + text;
    let end = -1;
    for (const stop of this.#stops) {
      const at = all.indexOf(stop);
      if (at === -1 || (end !== -1 && at >= end)) continue;
      end = at;
      this.#found = stop;
    }
    if (end === -1) end = Math.max(0, all.length - this.#heldLength);
    this.#held = this.#found === undefined ? all.slice(end) : '';
    return all.slice(0, end);
  }

  /** What was held back, where no more text follows. */
  rest(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}
