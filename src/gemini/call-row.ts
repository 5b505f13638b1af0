import type { Call } from './call.ts';
import type { Catalogue, Model } from './catalogue.ts';

/**
 * What is known of the model of a call. Who made the call has asked the catalogue, and most who come after need not; who
 * gives it another model gives it that one's row.
 */
export const rowOf = ({ row, model }: Pick<Call, 'row' | 'model'>, catalogue: Pick<Catalogue, 'resolve'>): Model =>
  row ?? catalogue.resolve(model).model;
