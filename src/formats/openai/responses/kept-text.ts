import type { Shelf } from '../../../engine/shelf.ts';
import type { Shelved } from '../../../engine/shelf.ts';
import type { ResponseText } from './wire.ts';

/** What was asked, a JSON list: a text, or bytes where it is long. */
export type AskedText = string | Buffer;

/** Longer ones have memory of their own, and count by their bytes. */
const LONGEST_TEXT = 8192;

export const askedText = (text: string): AskedText => (text.length > LONGEST_TEXT ? ownBytes(text) : text);

/** All texts of an answer: the response as its client has it, what was asked, and the ids of its items. */
export class KeptTexts {
  /** What stands before and behind the echo, and all that follows here where it is short. */
  #texts: string | Buffer | Shelved;
  readonly #beginLength: number;
  readonly #ownLength: number;
  /** Where it is long. */
  readonly #asked: Buffer | undefined;
  readonly #askedLength: number;
  /** Answers to requests that say the same have one. */
  readonly #echo: string | Buffer;
  /** Of the shelf that it is on. */
  #holds = 0;

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
   * besides the shelf. Those that two keep are on neither's shelf: it could never be emptied by one of them.
   */
  settle(shelf: Shelf): number {
    if (typeof this.#texts === 'string') this.#texts = shelf.put(this.#texts) ?? ownBytes(this.#texts);
    else if (isShelved(this.#texts) && this.#texts.shelf !== shelf) this.#leaveShelf(this.#texts);
    const own = Buffer.isBuffer(this.#texts) ? this.#texts.length : 0;
    // An echo that others have as well counts for each: whichever leaves last, there is room for it.
    return own + (this.#asked?.length ?? 0) + roomOf(this.#echo);
  }

  hold(): void {
    if (!isShelved(this.#texts)) return;
    this.#texts.hold();
    this.#holds += 1;
  }

  release(): void {
    if (!isShelved(this.#texts)) return;
    this.#texts.release();
    this.#holds -= 1;
  }

  #leaveShelf(texts: Shelved): void {
    for (; this.#holds > 0; this.#holds -= 1) texts.release();
    this.#texts = ownBytes(texts.toString());
  }
}

const isShelved = (texts: string | Buffer | Shelved): texts is Shelved =>
  typeof texts !== 'string' && !Buffer.isBuffer(texts);

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
