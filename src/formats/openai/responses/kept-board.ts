/** Memory beside the engine's heap, on which answers lie one behind the other: some lengths of each, then its texts. */
import { ownText } from '../../../json/text.ts';
import { KeptTexts } from './kept-text.ts';
import type { KeptAnswer } from './kept.ts';

export class KeptBoard {
  /** That of no other board. */
  readonly index: number;
  /** How many answers on it are kept. */
  kept = 0;
  readonly #memory: Buffer;
  readonly #lengths: Int32Array;
  #filled = 0;

  constructor(index: number, bytes: number) {
    this.index = index;
    this.#memory = Buffer.allocUnsafeSlow(bytes);
    this.#lengths = new Int32Array(this.#memory.buffer);
  }

  hasRoomFor(bytes: number): boolean {
    return this.#filled + sizeFor(bytes) <= this.#memory.length;
  }

  /** Gives back where it begins. There must be room for it. */
  put({ id, holder, texts }: KeptAnswer): number {
    const start = this.#filled;
    const textAt = start + HEAD_BYTES;
    // The engine has it in one piece, for it was sent.
    const responseBytes = this.#memory.write(texts.response, textAt);
    const restBytes = this.#memory.write(id + holder + texts.idList + texts.asked, textAt + responseBytes);
    const head = start / LENGTH_BYTES;
    this.#lengths[head + RESPONSE] = responseBytes;
    this.#lengths[head + REST] = restBytes;
    this.#lengths[head + ID] = id.length;
    this.#lengths[head + HOLDER] = holder.length;
    this.#lengths[head + ID_LIST] = texts.idList.length;
    this.#filled += sizeFor(responseBytes + restBytes);
    this.kept += 1;
    return start;
  }

  read(start: number): KeptAnswer {
    const restAt = start + HEAD_BYTES + this.#length(start, RESPONSE);
    const response = this.#memory.toString('utf8', start + HEAD_BYTES, restAt);
    const rest = this.#memory.toString('utf8', restAt, restAt + this.#length(start, REST));
    const idEnd = this.#length(start, ID);
    const holderEnd = idEnd + this.#length(start, HOLDER);
    const listEnd = holderEnd + this.#length(start, ID_LIST);
    const [id, holder] = [ownText(rest.slice(0, idEnd)), ownText(rest.slice(idEnd, holderEnd))];
    const texts = new KeptTexts(response, rest.slice(listEnd), ownText(rest.slice(holderEnd, listEnd)));
    return { id, holder, texts, previous: undefined };
  }

  /** For others. Nothing on it is kept any more. */
  cleared(): this {
    this.#filled = 0;
    return this;
  }

  #length(start: number, which: number): number {
    return this.#lengths[start / LENGTH_BYTES + which] ?? 0;
  }
}

/** Undefined where a board can't say all of it: it goes on from another, or is long. */
export const bytesOnBoard = ({ id, holder, texts, previous }: KeptAnswer): number | undefined => {
  if (previous || !texts.areText) return undefined;
  const own = Buffer.byteLength(id) + Buffer.byteLength(holder) + Buffer.byteLength(texts.idList);
  return own + Buffer.byteLength(texts.response) + Buffer.byteLength(texts.asked);
};

/** The lengths that stand before the texts: of two in bytes, of the others in letters. */
const [RESPONSE, REST, ID, HOLDER, ID_LIST] = [0, 1, 2, 3, 4] as const;
const LENGTH_BYTES = Int32Array.BYTES_PER_ELEMENT;
const HEAD_BYTES = 5 * LENGTH_BYTES;

/** Each begins where a length may stand. */
export const sizeFor = (bytes: number): number => HEAD_BYTES + Math.ceil(bytes / LENGTH_BYTES) * LENGTH_BYTES;

export const wholeBoard = (bytes: number): number => Math.floor(bytes / LENGTH_BYTES) * LENGTH_BYTES;
