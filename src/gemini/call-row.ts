import type { Call } from './call.ts';
import type { Catalogue, Model } from './catalogue.ts';

/** What is known of the model of a call: each asks this way, and so the catalogue is asked once. */
export const rowOf = ({ row, model }: Pick<Call, 'row' | 'model'>, catalogue: Pick<Catalogue, 'resolve'>): Model =>
  row ?? catalogue.resolve(model).model;
