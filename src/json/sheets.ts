/**
 * Text as bytes in few large buffers. Each slice of it is written where it stays: put together in letters first, a body
 * whose letters take two bytes each would lie in memory twice more until the next collection.
 */
export class Sheets {
  readonly #pieces: Buffer[] = [];
  #sheet: Buffer | undefined;
  /** What of the sheet is among the pieces already, and up to where it is written. */
  #from = 0;
  #to = 0;

  write(text: string): void {
    const most = MOST_BYTES * text.length;
    if (most > SHEET_BYTES) {
      this.put(Buffer.from(text));
      return;
    }
    if (!this.#sheet || this.#to + most > SHEET_BYTES) {
      this.#close();
      this.#sheet = Buffer.allocUnsafeSlow(SHEET_BYTES);
      [this.#from, this.#to] = [0, 0];
    }
    this.#to += this.#sheet.write(text, this.#to);
  }

  /** Bytes that are there. */
  put(bytes: Buffer): void {
    this.#close();
    this.#pieces.push(bytes);
  }

  end(): readonly Buffer[] {
    this.#close();
    return this.#pieces;
  }

  #close(): void {
    if (!this.#sheet || this.#from === this.#to) return;
    this.#pieces.push(this.#sheet.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

const SHEET_BYTES = 512 * 1024;
/** Of a unit of UTF-16. */
const MOST_BYTES = 3;
