/** What a call asks for: whether its key may have the model at all, and how much room it takes. */
import type { CountedCaller } from '../callers/caller.ts';
import { mayUse, modelNotAllowed } from '../callers/models.ts';
import type { Call } from '../gemini/call.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import type { PricedUsage } from '../gemini/usage.ts';
import type { System } from '../system.ts';
import type { Amount, Counters } from './counters.ts';

export interface LimitNeeds {
  readonly counters: Counters;
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly system: Pick<System, 'now'>;
  /** In billionths of a dollar; undefined where nobody knows. */
  readonly costOf: (model: string, time: number, used: PricedUsage) => number | undefined;
}

/** Of a call, also of one that is not known in full yet. */
export type Asked = Pick<Call, 'model' | 'origin' | 'record'>;

/** An alias may be on the list of a key, and so may what is served for it. */
export const checkModel = (call: Asked, catalogue: LimitNeeds['catalogue']): void => {
  if (!isAllowed(call, catalogue)) throw modelNotAllowed(call.origin.caller, askedName(call));
};

export const isAllowed = (call: Asked, catalogue: LimitNeeds['catalogue']): boolean => {
  const { caller } = call.origin;
  if (caller.models === undefined) return true;
  const { name, id } = catalogue.resolve(call.model);
  return mayUse(caller, askedName(call), name, id);
};

const askedName = ({ record, model }: Asked): string => record.alias ?? model;

/** What is used is priced as of one time, that of the request: as it is in what is kept of it. */
export type Price = (model: string, time: number, used: PricedUsage) => number;

export const priceOf =
  ({ costOf }: Pick<LimitNeeds, 'costOf'>): Price =>
  (model, time, used) =>
    costOf(model, time, used) ?? 0;

/** A price that nothing is measured by would be looked up for nothing. */
export const toAmount = (
  { catalogue, costOf }: Pick<LimitNeeds, 'catalogue' | 'costOf'>,
  time: number,
  { limits }: CountedCaller,
  { model }: Pick<Asked, 'model'>,
  requests: number,
  tokens: number,
): Amount => ({
  requests,
  tokens,
  costNanos: limits.cost_per_month === null ? 0 : (costOf(catalogue.resolve(model).id, time, inputOnly(tokens)) ?? 0),
});

const inputOnly = (input: number): PricedUsage => ({
  input,
  cached: 0,
  output: 0,
  inputBy: NOT_TOLD,
  outputBy: NOT_TOLD,
});

const NOT_TOLD = {};
