/**
 * Bytes that arrive in pieces, joined once at the end. Many small pieces go into blocks: a buffer of one byte takes five
 * hundred in memory, and whoever sends decides how small the pieces are.
 */
export interface Pieces {
  /** Kept as it is while there are few; its memory must not be used again. */
  add(piece: Buffer): void;
  /** All of it, in order. Nothing is kept. */
  take(): Buffer;
  readonly bytes: number;
}

/** So many pieces, of whatever size, are kept as they are: most bodies and lines are of fewer. */
const FEW = 16;
/** Larger pieces are worth a buffer of their own. */
const SMALL_BYTES = 4 * 1024;
const BLOCK_BYTES = 64 * 1024;

export const createPieces = (): Pieces => {
  let kept: Buffer[] = [];
  let bytes = 0;
  /** Being filled; it is not among those kept yet. */
  let block: Buffer | undefined;
  let filled = 0;

  const closeBlock = (): void => {
    if (block) kept.push(block.subarray(0, filled));
    block = undefined;
    filled = 0;
  };

  return {
    add: (piece) => {
      bytes += piece.length;
      if (kept.length < FEW || piece.length > SMALL_BYTES) {
        closeBlock();
        kept.push(piece);
        return;
      }
      if (!block || filled + piece.length > BLOCK_BYTES) {
        closeBlock();
        block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      }
      filled += piece.copy(block, filled);
    },
    take: () => {
      closeBlock();
      const [first] = kept;
      const whole = kept.length === 1 && first ? first : Buffer.concat(kept, bytes);
      kept = [];
      bytes = 0;
      return whole;
    },
    get bytes() {
      return bytes;
    },
  };
};
