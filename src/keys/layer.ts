/** Layer: what a client key may use is reserved before a call, and what was not used given back at the request's end. */
import { isCounted } from '../callers/caller.ts';
import type { CountedCaller } from '../callers/caller.ts';
import { mayUse, modelNotAllowed } from '../callers/models.ts';
import { asPromise } from '../errors/as-promise.ts';
import type { Call, EmbedCall, Layer } from '../gemini/call.ts';
import { estimateInput } from '../gemini/estimate.ts';
import type { Catalogue } from '../gemini/catalogue.ts';
import { estimateTexts } from '../gemini/usage.ts';
import type { PricedUsage } from '../gemini/usage.ts';
import type { System } from '../system.ts';
import { Bill } from './bill.ts';
import type { Amount, Counters, Exceeded, Reservation } from './counters.ts';
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
        const ask = (bill: Bill) => inner.generate(call, signal).catch(bill.noteFailure);
        return whenAdmitted(() => admit(caller, call, estimateInput(call.request)), ask);
      },
      embed: (call, signal) => {
        const { caller } = call.origin;
        if (!isCounted(caller)) return inner.embed(call, signal);
        const ask = (bill: Bill) => inner.embed(call, signal).catch(bill.noteFailure);
        return whenAdmitted(() => admit(caller, call, estimateTexts(call.requests)), ask);
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

/** Without a wait where there is nothing to wait for: counters of this process answer at once. */
const whenAdmitted = <Result>(
  admit: () => Bill | Promise<Bill>,
  ask: (bill: Bill) => Promise<Result>,
): Promise<Result> =>
  asPromise(() => {
    const bill = admit();
    return bill instanceof Promise ? bill.then(ask) : ask(bill);
  });

/** Whether a call may go ahead: the bill of its request, or what is in its way is thrown. */
type Admit = (caller: CountedCaller, call: Call | EmbedCall, tokens: number) => Bill | Promise<Bill>;

const createAdmit = ({ counters, catalogue, system, costOf }: LimitNeeds): Admit => {
  const price = (model: string, used: PricedUsage): number => costOf(model, system.now(), used) ?? 0;

  const grant = (bill: Bill, caller: CountedCaller, outcome: Reservation | Exceeded): Bill => {
    bill.add(granted(caller.name, outcome, system.now()));
    return bill;
  };

  const reserve = (caller: CountedCaller, call: Call | EmbedCall, tokens: number, known?: Bill) => {
    const asked: Amount = {
      requests: known ? 0 : 1,
      tokens,
      // A price that nothing is measured by would be looked up for nothing.
      costNanos: caller.limits.cost_per_month === null ? 0 : price(catalogue.resolve(call.model).id, inputOnly(tokens)),
    };
    return counters.reserve(caller.id, caller.limits, asked, known === undefined);
  };

  const reserveMore = async (caller: CountedCaller, call: Call | EmbedCall, tokens: number, bill: Bill) => {
    // Of calls that one request makes together the first speaks for all: where it finds no room, none does.
    if (bill.opening) granted(caller.name, await bill.opening, system.now());
    return grant(bill, caller, await reserve(caller, call, tokens, bill));
  };

  return (caller, call, tokens) => {
    checkModel(call, catalogue);
    const { record } = call;
    if (record.bill instanceof Bill) return reserveMore(caller, call, tokens, record.bill);
    const bill = new Bill(record, price);
    const answer = reserve(caller, call, tokens);
    if (answer instanceof Promise) {
      bill.opening = answer;
      record.bill = bill;
      return answer.then((outcome) => grant(bill, caller, outcome));
    }
    grant(bill, caller, answer);
    record.bill = bill;
    return bill;
  };
};

const inputOnly = (input: number): PricedUsage => ({ input, cached: 0, output: 0, inputBy: {}, outputBy: {} });
