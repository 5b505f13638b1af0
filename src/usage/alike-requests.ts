import type { Write } from '../store/database.ts';
import type { PricedKind, RequestKind } from './request-kind.ts';
import { amountsOf } from './request-row.ts';
import type { EndedRequest, RequestRow } from './request-row.ts';

type OwnColumns = { readonly [Column in Exclude<keyof RequestRow, keyof RequestKind>]: RequestRow[Column][] };

/** Requests of one kind, column by column. */
export class AlikeRequests {
  readonly priced: PricedKind;
  readonly columns: Omit<OwnColumns, 'place'> = {
    ...{ id: [], time: [], ms: [], first_ms: [] },
    ...{ input_tokens: [], cached_tokens: [], output_tokens: [], thought_tokens: [], cost_nanos: [] },
  };

  constructor(priced: PricedKind) {
    this.priced = priced;
  }

  add(ended: EndedRequest): void {
    const { columns } = this;
    const amounts = amountsOf(ended, this.priced);
    columns.id.push(ended.id);
    columns.time.push(ended.time);
    columns.ms.push(ended.ms);
    columns.first_ms.push(ended.firstMs ?? null);
    columns.input_tokens.push(amounts.input_tokens);
    columns.cached_tokens.push(amounts.cached_tokens);
    columns.output_tokens.push(amounts.output_tokens);
    columns.thought_tokens.push(amounts.thought_tokens);
    columns.cost_nanos.push(amounts.cost_nanos);
  }

  toWrite(placeOf: (time: number) => string): Write {
    const columns: OwnColumns = { place: this.columns.time.map(placeOf), ...this.columns };
    return { table: 'requests', shared: { ...this.priced.kind }, columns };
  }
}
