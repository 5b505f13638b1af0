import type { Call } from '../gemini/call.ts';
import type { ResolvedModel } from '../gemini/catalogue.ts';
import type { DecodeNeeds } from './prepare.ts';

/**
 * The call that a client's body comes to, once it is decoded. `clientNames`: of fields that a door may leave out.
 * `visit`: a copy that has one is of the same shape, and costs no more to read.
 */
export const toCall = (
  { name, model: row }: ResolvedModel,
  request: Call['request'],
  stream: boolean,
  { origin, record, payloads }: Pick<DecodeNeeds, 'origin' | 'record' | 'payloads'>,
  { clientNames, keptFields }: Pick<Call, 'clientNames' | 'keptFields'>,
): Call => ({
  model: name,
  row,
  request,
  stream,
  origin,
  record,
  native: false,
  payloads,
  clientNames,
  keptFields,
  visit: undefined,
});
