/** So many pieces, of whatever size, are kept as they are: most bodies and lines are of fewer. */
const FEW = 16;
/** Larger pieces are worth a buffer of their own. */
const SMALL_BYTES = 4 * 1024;
const BLOCK_BYTES = 64 * 1024;

/**
 * Bytes that arrive in pieces, joined once at the end. Many small pieces go into blocks: a buffer of one byte takes five
 * hundred in memory, and whoever sends decides how small the pieces are.
 */
export class Pieces {
  #kept: Buffer[] = [];
  /** To be read. */
  bytes = 0;
  /** Being filled; it is not among those kept yet. */
  #block: Buffer | undefined;
  #filled = 0;

  /** Kept as it is while there are few; its memory must not be used again. */
  add(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.#kept.length < FEW || piece.length > SMALL_BYTES) {
      this.#closeBlock();
      this.#kept.push(piece);
      return;
    }
    if (!this.#block || this.#filled + piece.length > BLOCK_BYTES) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    this.#filled += piece.copy(this.#block, this.#filled);
  }

  /** All of it, in order. Nothing is kept. */
  take(): Buffer {
    this.#closeBlock();
    const [first] = this.#kept;
    const whole = this.#kept.length === 1 && first ? first : Buffer.concat(this.#kept, this.bytes);
    this.#kept = [];
    this.bytes = 0;
    return whole;
  }

  #closeBlock(): void {
    if (this.#block) this.#kept.push(this.#block.subarray(0, this.#filled));
    this.#block = undefined;
    this.#filled = 0;
  }
}
