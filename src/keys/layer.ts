/** Layer: what a client key may use is reserved before a call, and what was not used given back at the request's end. */
import { isCounted } from '../callers/caller.ts';
import type { CountedCaller } from '../callers/caller.ts';
import { mayUse, modelNotAllowed } from '../callers/models.ts';
import type { Call, EmbedCall, Layer } from '../gemini/call.ts';
import { estimateInput } from '../gemini/estimate.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { estimateTexts } from '../gemini/usage.ts';
import type { PricedUsage } from '../gemini/usage.ts';
import type { System } from '../system.ts';
import { Bill } from './bill.ts';
import type { Amount, Counters } from './counters.ts';
import { granted } from './refusals.ts';

export interface LimitNeeds {
  readonly counters: Counters;
  readonly catalogue: Pick<Catalogue, 'resolve'>;
  readonly system: Pick<System, 'now'>;
  /** In billionths of a dollar; undefined where nobody knows. */
  readonly costOf: (model: string, time: number, used: PricedUsage) => number | undefined;
}

export const withCallerLimits =
  (needs: LimitNeeds): Layer =>
  (inner) => {
    const admit = createAdmit(needs);
    return {
      ...inner,
      generate: (call, signal) => {
        const { caller } = call.origin;
        if (!isCounted(caller)) return inner.generate(call, signal);
        return admit(caller, call, estimateInput(call.request)).then((bill) =>
          inner.generate(call, signal).catch(bill.noteFailure),
        );
      },
      embed: (call, signal) => {
        const { caller } = call.origin;
        if (!isCounted(caller)) return inner.embed(call, signal);
        return admit(caller, call, estimateTexts(call.requests)).then((bill) =>
          inner.embed(call, signal).catch(bill.noteFailure),
        );
      },
      countTokens: async (call, signal) => {
        checkModel(call, needs.catalogue);
        return inner.countTokens(call, signal);
      },
    };
  };

/** An alias may be on the list of a key, and so may what is served for it. */
const checkModel = ({ origin, model, record }: Call | EmbedCall, catalogue: LimitNeeds['catalogue']): void => {
  const { caller } = origin;
  if (caller.models === undefined) return;
  const { name, id } = catalogue.resolve(model);
  const asked = record.alias ?? model;
  if (!mayUse(caller, asked, name, id)) throw modelNotAllowed(caller, asked);
};

/** Whether a call may go ahead. Resolves to the bill of its request. */
type Admit = (caller: CountedCaller, call: Call | EmbedCall, tokens: number) => Promise<Bill>;

const createAdmit = ({ counters, catalogue, system, costOf }: LimitNeeds): Admit => {
  const price = (model: string, used: PricedUsage): number => costOf(model, system.now(), used) ?? 0;

  return async (caller, call, tokens) => {
    checkModel(call, catalogue);
    const { record, model } = call;
    const known = record.bill instanceof Bill ? record.bill : undefined;
    // Of calls that one request makes together the first speaks for all: where it finds no room, none does.
    if (known?.opening) granted(caller.name, await known.opening, system.now());
    const asked: Amount = {
      requests: known ? 0 : 1,
      tokens,
      // A price that nothing is measured by would be looked up for nothing.
      costNanos: caller.limits.cost_per_month === null ? 0 : price(catalogue.resolve(model).id, inputOnly(tokens)),
    };
    const bill = known ?? new Bill(record, price);
    const answer = counters.reserve(caller.id, caller.limits, asked, known === undefined);
    if (!known && answer instanceof Promise) {
      bill.opening = answer;
      record.bill = bill;
    }
    const outcome = answer instanceof Promise ? await answer : answer;
    bill.add(granted(caller.name, outcome, system.now()));
    record.bill = bill;
    return bill;
  };
};

const inputOnly = (input: number): PricedUsage => ({ input, cached: 0, output: 0, inputBy: {}, outputBy: {} });
