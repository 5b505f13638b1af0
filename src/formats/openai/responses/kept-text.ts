import type { WrittenBody } from '../../../engine/payloads.ts';
import type { Shelf, Shelved } from '../../../engine/shelf.ts';
import type { ResponseText } from './wire.ts';

/** What was asked, a JSON list: a text, or bytes where it is long. */
export type AskedText = string | Buffer;

/** Longer ones have memory of their own, and count by their bytes. */
const LONGEST_TEXT = 8192;

export const askedText = (written: WrittenBody): AskedText =>
  typeof written === 'string' ? (written.length > LONGEST_TEXT ? ownBytes(written) : written) : Buffer.concat(written);

/** All texts of an answer: the response as its client has it, what was asked, and the ids of its items. */
export class KeptTexts {
  /** What stands before and behind the echo, and all that follows here where it is short. */
  #texts: string | Buffer | Shelved;
  /** The same, where it lies on a shelf. */
  #shelved: Shelved | undefined;
  readonly #beginLength: number;
  readonly #ownLength: number;
  /** Where it is long. */
  readonly #asked: Buffer | undefined;
  readonly #askedLength: number;
  /** Answers to requests that say the same have one. */
  readonly #echo: string | Buffer;

  constructor({ begin, echo, end }: ResponseText, asked: AskedText, itemIds: readonly string[]) {
    const isShort = typeof asked === 'string';
    this.#beginLength = begin.length;
    this.#ownLength = begin.length + end.length;
    this.#asked = isShort ? undefined : asked;
    this.#askedLength = isShort ? asked.length : 0;
    this.#echo = echo.length > LONGEST_TEXT ? ownBytes(echo) : echo;
    this.#texts = begin + end + (isShort ? asked : '') + JSON.stringify(itemIds);
  }

  get response(): string {
    const text = this.#texts.toString();
    return text.slice(0, this.#beginLength) + this.#echo.toString() + text.slice(this.#beginLength, this.#ownLength);
  }

  get asked(): string {
    if (this.#asked) return this.#asked.toString();
    return this.#texts.toString().slice(this.#ownLength, this.#ownLength + this.#askedLength);
  }

  get itemIds(): readonly string[] {
    return JSON.parse(this.#texts.toString().slice(this.#ownLength + this.#askedLength)) as readonly string[];
  }

  /**
   * From now on they are kept for long, on this shelf or in memory of their own. Gives back the bytes that they take
   * besides the shelf. Those that were kept before, here or in another list, are no longer as old as what lies beside
   * them.
   */
  settle(shelf: Shelf): number {
    if (typeof this.#texts === 'string') {
      this.#shelved = shelf.put(this.#texts);
      this.#texts = this.#shelved ?? ownBytes(this.#texts);
    } else this.#shelved?.moveOut();
    const own = this.#shelved?.shelf === shelf ? 0 : this.#texts.length;
    // An echo that others have as well counts for each: whichever leaves last, there is room for it.
    return own + (this.#asked?.length ?? 0) + roomOf(this.#echo);
  }

  /** They count on this shelf, where they are on it. */
  hold(shelf: Shelf): void {
    if (this.#shelved?.shelf === shelf) this.#shelved.hold();
  }

  release(shelf: Shelf): void {
    if (this.#shelved?.shelf === shelf) this.#shelved.release();
  }

  /** Of the board that they share with others, which may leave before them. */
  moveOut(): void {
    this.#shelved?.moveOut();
  }
}

/** Memory of its own: a small buffer out of the pool that all share would keep the whole piece of the pool it is in. */
const ownBytes = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
};

/** In bytes. A text with any letter beyond ASCII may take two for each of its letters. */
const roomOf = (text: string | Buffer): number => {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : Math.max(bytes, 2 * text.length);
};
