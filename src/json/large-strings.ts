/** Strings of a large body as they lie in its bytes. Long ones are read piece by piece, with turns of the event loop in between. */
import { isAscii } from 'node:buffer';
import { roomFor, unescape } from './escapes.ts';
import type { Letters, Spot } from './escapes.ts';
import { BACKSLASH } from './text.ts';
import type { Pace } from './pace.ts';

/**
 * The longest texts as they were written, without quotes: nobody need write them again. By their length, and of several
 * of one length only the first: to take one for a key, the engine would put its pieces together and read them all.
 */
export type WrittenStrings = ReadonlyMap<number, { readonly text: string; readonly bytes: Buffer }>;

/** Halves of pairs that stand alone become U+FFFD, also where they are written. */
export class LargeStrings {
  /** What was read needs the bytes. */
  areHeld = false;
  readonly #written = new Map<number, { readonly text: string; readonly bytes: Buffer }>();
  readonly #letters: Letters;
  readonly #bytes: Buffer;
  readonly #pace: Pace;
  /** An escape is longer than what it means, and one may lie across the end of a piece. */
  #room: Letters | undefined;

  constructor(letters: Letters, pace: Pace) {
    this.#letters = letters;
    this.#bytes = letters.bytes;
    this.#pace = pace;
  }

  get written(): WrittenStrings {
    return this.#written;
  }

  /** What a string means; a promise for a long one. */
  read(start: number, end: number): string | Promise<string> {
    return end - start > PIECE
      ? this.#readPieces(start, end, this.#holdsEscapes(start, end))
      : this.readShort(start, end);
  }

  readShort(start: number, end: number): string {
    return this.#holdsEscapes(start, end)
      ? this.#unescape(start, end).toString()
      : this.#bytes.toString('utf8', start, end);
  }

  /** What stands there as it is; a long text stays where it lies. */
  sourceOf(start: number, end: number): string | Buffer {
    if (end - start <= PIECE) return this.#bytes.toString('utf8', start, end);
    this.areHeld = true;
    return this.#bytes.subarray(start, end);
  }

  /** What a string means, in bytes of its own. */
  async bytesOf(start: number, end: number): Promise<Buffer> {
    const whole = Buffer.allocUnsafeSlow(end - start);
    let length = 0;
    for await (const piece of this.#pieces(start, end, this.#holdsEscapes(start, end)))
      length += piece.copy(whole, length);
    return whole.subarray(0, length);
  }

  /** Nobody reads it, but it will be passed on. */
  fix(start: number, end: number): Promise<void> | undefined {
    if (!this.#holdsEscapes(start, end)) return undefined;
    if (end - start > PIECE) return this.#readPieces(start, end, true).then(() => undefined);
    this.#unescape(start, end);
    return undefined;
  }

  #holdsEscapes(start: number, end: number): boolean {
    if (end - start > NEAR) return this.#bytes.subarray(start, end).includes(BACKSLASH);
    for (let at = start; at < end; at += 1) if (this.#bytes[at] === BACKSLASH) return true;
    return false;
  }

  #unescape(start: number, end: number): Buffer {
    this.#room ??= roomFor(PIECE);
    const spot: Spot = { from: start, to: 0 };
    unescape(this.#letters, spot, end, this.#room);
    return this.#room.bytes.subarray(0, spot.to);
  }

  async #readPieces(start: number, end: number, hasEscapes: boolean): Promise<string> {
    // The engine keeps it in its pieces as long as nobody looks inside.
    let text = '';
    for await (const piece of this.#pieces(start, end, hasEscapes))
      text += piece.toString(isAscii(piece) ? 'latin1' : 'utf8');
    if (!this.#written.has(text.length))
      this.#written.set(text.length, { text, bytes: this.#bytes.subarray(start, end) });
    this.areHeld = true;
    return text;
  }

  async *#pieces(start: number, end: number, hasEscapes: boolean): AsyncGenerator<Buffer> {
    this.#room ??= roomFor(PIECE);
    for (let at = start; at < end;) {
      const before = at;
      const stop = this.#endOfPiece(at, end);
      if (hasEscapes) {
        const spot: Spot = { from: at, to: 0 };
        unescape(this.#letters, spot, stop, this.#room);
        at = spot.from;
        yield this.#room.bytes.subarray(0, spot.to);
      } else {
        yield this.#bytes.subarray(at, stop);
        at = stop;
      }
      await this.#pace(at - before);
    }
  }

  /** Between two letters. */
  #endOfPiece(start: number, end: number): number {
    let at = start + PIECE;
    if (at >= end) return end;
    while (((this.#bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
    return at;
  }
}

const PIECE = 512 * 1024;
/** Up to here a look at each letter costs less than a search. */
const NEAR = 64;
