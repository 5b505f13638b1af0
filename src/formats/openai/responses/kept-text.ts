import type { WrittenBody } from '../../../engine/payloads.ts';

/** What was asked, a JSON list: a text, or bytes where it is long. */
export type AskedText = string | Buffer;

/** Longer ones have memory of their own. */
const LONGEST_TEXT = 8192;

export const askedText = (written: WrittenBody): AskedText =>
  typeof written === 'string' ? (written.length > LONGEST_TEXT ? ownBytes(written) : written) : Buffer.concat(written);

/** All texts of an answer: the response as its client has it, what was asked, and the ids of its items. */
export class KeptTexts {
  /** A JSON list. */
  readonly idList: string;
  #response: string | Buffer;
  #asked: AskedText;

  constructor(response: string, asked: AskedText, idList: string) {
    this.#response = response;
    this.#asked = asked;
    this.idList = idList;
  }

  get response(): string {
    return this.#response.toString();
  }

  get asked(): string {
    return this.#asked.toString();
  }

  get itemIds(): readonly string[] {
    return JSON.parse(this.idList) as readonly string[];
  }

  /** About so many, in letters where they are no bytes yet. */
  get bytes(): number {
    return this.#response.length + this.#asked.length;
  }

  /** None of them is kept as bytes. */
  get areText(): boolean {
    return typeof this.#response === 'string' && typeof this.#asked === 'string';
  }

  /** From now on they are kept for long: as bytes, which no collection copies. Gives back how many. */
  settle(): number {
    if (typeof this.#response === 'string') this.#response = ownBytes(this.#response);
    if (typeof this.#asked === 'string') this.#asked = ownBytes(this.#asked);
    return this.#response.length + this.#asked.length + roomOf(this.idList);
  }
}

/** Memory of its own: a small buffer out of the pool that all share would keep the whole piece of the pool it is in. */
const ownBytes = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
};

/** In bytes. A text with any letter beyond ASCII may take two for each of its letters. */
const roomOf = (text: string): number => {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length ? bytes : 2 * text.length;
};
