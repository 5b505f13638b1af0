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
const FIRST_ROOM = 8;

/**
 * Requests of one kind, their numbers one after the other; NaN stands for null. As lists, column by column, they took
 * the thread of the database 0.2 µs more for each request, and collections of garbage 0.1: they were handed over number
 * by number, and gone through until they were written.
 */
export class AlikeRequests {
  readonly priced: PricedKind;
  readonly #ids: string[] = [];
  #room = new Float64Array(FIRST_ROOM * WIDTH);

  constructor(priced: PricedKind) {
    this.priced = priced;
  }

  add(ended: EndedRequest): void {
    const amounts = amountsOf(ended, this.priced);
    const at = this.#ids.length * WIDTH;
    if (at === this.#room.length) this.#makeRoom();
    const room = this.#room;
    room[at + AT.time] = ended.time;
    room[at + AT.ms] = ended.ms;
    room[at + AT.first_ms] = ended.firstMs ?? NaN;
    room[at + AT.input_tokens] = amounts.input_tokens;
    room[at + AT.cached_tokens] = amounts.cached_tokens;
    room[at + AT.output_tokens] = amounts.output_tokens;
    room[at + AT.thought_tokens] = amounts.thought_tokens;
    room[at + AT.cost_nanos] = amounts.cost_nanos ?? NaN;
    this.#ids.push(ended.id);
  }

  /** Of each request `WIDTH`. */
  numbers(): Float64Array {
    return this.#room.slice(0, this.#ids.length * WIDTH);
  }

  toWrite(placeOf: (time: number) => string): Write {
    const values = this.numbers();
    const place = this.#ids.map((_id, row) => placeOf(values[row * WIDTH + AT.time] ?? 0));
    return {
      table: 'requests',
      shared: { ...this.priced.kind },
      texts: { place, id: this.#ids },
      numbers: { names: NAMES, values },
    };
  }

  #makeRoom(): void {
    const before = this.#room;
    this.#room = new Float64Array(2 * before.length);
    this.#room.set(before);
  }
}
