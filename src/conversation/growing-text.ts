const NOTHING = Buffer.alloc(0);
/** Room in reserve for what follows: half as much again, of a long one an eighth, so that few copies make it. */
const LEAST_SPARE = 512;
const MOST_SPARE_OF_SHORT = 16 * 1024;

/** A text that comes in pieces over minutes, and keeps nothing of what they came in. */
export class GrowingText {
  /** Of batches that have gone by, as bytes: a text that grows would be copied with each collection of garbage. */
  #kept = NOTHING;
  #filled = 0;
  /** Pieces of the texts that this batch came in. */
  #fresh = '';

  get keptBytes(): number {
    return this.#filled + this.#fresh.length;
  }

  add(text: string): void {
    this.#fresh += text;
  }

  all(): string {
    return this.#kept.toString('utf8', 0, this.#filled) + this.#fresh;
  }

  /** Lets go of the texts that this batch came in, `more` among them. Returns how many bytes are kept. */
  settle(more = ''): number {
    const fresh = this.#fresh + more;
    if (fresh === '') return this.#filled;
    const needed = this.#filled + Buffer.byteLength(fresh);
    if (needed > this.#kept.length) {
      const spare = Math.max(Math.min(Math.max(needed >> 1, LEAST_SPARE), MOST_SPARE_OF_SHORT), needed >> 3);
      const grown = Buffer.allocUnsafe(needed + spare);
      this.#kept.copy(grown, 0, 0, this.#filled);
      this.#kept = grown;
    }
    this.#filled += this.#kept.write(fresh, this.#filled);
    this.#fresh = '';
    return this.#filled;
  }
}
