import type { Write } from '../store/database.ts';
import type { PricedKind } from './request-kind.ts';
import { amountsOf } from './request-row.ts';
import type { EndedRequest, RequestRow } from './request-row.ts';

/** Where each number of a request stands among its others. Named as the columns of the table `requests`. */
export const AT = {
  ...{ time: 0, ms: 1, first_ms: 2 },
  ...{ input_tokens: 3, cached_tokens: 4, output_tokens: 5, thought_tokens: 6, cost_nanos: 7 },
} as const satisfies Partial<Record<keyof RequestRow, number>>;

const NAMES = Object.keys(AT);
/** Numbers of one request. */
export const WIDTH = NAMES.length;

/**
 * Requests of one kind, their numbers one after the other; NaN stands for null. They are handed to the thread of the
 * database as one piece of memory: as lists, column by column, they took it 0.2 µs more for each request, and collections
 * of garbage 0.1. Until then they are a list: a piece of memory costs as much as many numbers, and most kinds have few.
 */
export class AlikeRequests {
  readonly priced: PricedKind;
  readonly #ids: string[] = [];
  readonly #numbers: number[] = [];

  constructor(priced: PricedKind) {
    this.priced = priced;
  }

  /** Of each request `WIDTH`. */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  add(ended: EndedRequest): void {
    const amounts = amountsOf(ended, this.priced);
    this.#ids.push(ended.id);
    // In the order of `AT`.
    this.#numbers.push(
      ended.time,
      ended.ms,
      ended.firstMs ?? NaN,
      amounts.input_tokens,
      amounts.cached_tokens,
      amounts.output_tokens,
      amounts.thought_tokens,
      amounts.cost_nanos ?? NaN,
    );
  }

  toWrite(placeOf: (time: number) => string): Write {
    const place: string[] = [];
    for (let at = AT.time; at < this.#numbers.length; at += WIDTH) place.push(placeOf(this.#numbers[at] ?? 0));
    return {
      table: 'requests',
      shared: { ...this.priced.kind },
      texts: { place, id: this.#ids },
      numbers: { names: NAMES, values: new Float64Array(this.#numbers) },
    };
  }
}
