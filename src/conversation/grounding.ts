/** What an answer is grounded in, where a stream tells it in several pieces. */
import type { GroundingMetadata } from '../gemini/types.ts';

type Source = NonNullable<GroundingMetadata['groundingChunks']>[number];
type Support = NonNullable<GroundingMetadata['groundingSupports']>[number];

/**
 * The union of all pieces: every source once, every passage once, pointing at its sources. A piece counts within its own
 * list of sources; one without a list means those that came before.
 */
export class Grounding {
  #rest: GroundingMetadata = {};
  readonly #sources: Source[] = [];
  readonly #supports: Support[] = [];
  readonly #places = new Map<string, number>();
  readonly #passages = new Set<string>();

  #keptBytes = 0;

  get keptBytes(): number {
    return this.#keptBytes;
  }

  add(piece: GroundingMetadata): void {
    this.#rest = piece;
    const own = listOf(piece.groundingChunks).map((source) => this.#placeOf(source));
    for (const support of listOf(piece.groundingSupports)) this.#addSupport(support, own);
  }

  get all(): GroundingMetadata {
    return { ...this.#rest, groundingChunks: this.#sources, groundingSupports: this.#supports };
  }

  #placeOf(source: Source): number {
    const text = JSON.stringify(source);
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#sources.push(source) - 1;
    this.#places.set(text, place);
    this.#keptBytes += COPIES * text.length;
    return place;
  }

  #addSupport(support: Support, own: readonly number[]): void {
    const indices = support.groundingChunkIndices;
    const moved =
      own.length > 0 && indices
        ? { ...support, groundingChunkIndices: listOf(indices).map((index) => own[index] ?? -1) }
        : support;
    const text = JSON.stringify(moved);
    if (this.#passages.has(text)) return;
    this.#passages.add(text);
    this.#keptBytes += COPIES * text.length;
    this.#supports.push(moved);
  }
}

/** The text, by which it is known again, and what was read of it. */
const COPIES = 4;

/** From outside: what is no list has nothing in it. */
const listOf = <T>(value: readonly T[] | undefined): readonly T[] => (value instanceof Array ? value : []);
