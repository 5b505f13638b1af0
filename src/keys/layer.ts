/** Layer: what a client key may use is reserved before a call, and what was not used given back at the request's end. */
import { isCounted } from '../callers/caller.ts';
import type { CountedCaller } from '../callers/caller.ts';
import { asPromise } from '../errors/as-promise.ts';
import type { Call, EmbedCall, Layer } from '../gemini/call.ts';
import { estimateInput } from '../gemini/estimate.ts';
import { estimateTexts } from '../gemini/usage.ts';
import { goOnFrom } from './ahead.ts';
import { checkModel, priceOf, toAmount } from './asking.ts';
import type { LimitNeeds } from './asking.ts';
import { Bill } from './bill.ts';
import { isExceeded } from './counters.ts';
import type { Exceeded, Reservation } from './counters.ts';
import { granted } from './refusals.ts';

export const withCallerLimits =
  (needs: LimitNeeds): Layer =>
  (inner) => {
    const admit = createAdmit(needs);
    return {
      ...inner,
      generate: (call, signal) => {
        const { caller } = call.origin;
        if (!isCounted(caller)) return inner.generate(call, signal);
        const ask = (bill: Bill) => bill.watch(inner.generate(call, signal));
        return whenAdmitted(() => admit(caller, call, estimateInput(call.request)), ask);
      },
      embed: (call, signal) => {
        const { caller } = call.origin;
        if (!isCounted(caller)) return inner.embed(call, signal);
        const ask = (bill: Bill) => bill.watch(inner.embed(call, signal));
        return whenAdmitted(() => admit(caller, call, estimateTexts(call.requests)), ask);
      },
      countTokens: async (call, signal) => {
        checkModel(call, needs.catalogue);
        return inner.countTokens(call, signal);
      },
    };
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

const createAdmit = (needs: LimitNeeds): Admit => {
  const { counters, catalogue, system } = needs;
  const price = priceOf(needs);

  const grant = (bill: Bill, caller: CountedCaller, outcome: Reservation | Exceeded): Bill => {
    bill.add(granted(caller.name, outcome, system));
    return bill;
  };

  const reserve = (bill: Bill, caller: CountedCaller, call: Call | EmbedCall, tokens: number, first: boolean) =>
    counters.reserve(caller.id, caller.limits, toAmount(needs, bill.time, caller, call, first ? 1 : 0, tokens), first);

  const reserveMore = async (caller: CountedCaller, call: Call | EmbedCall, tokens: number, bill: Bill) => {
    const outcome = await reserve(bill, caller, call, tokens, false);
    if (!isExceeded(outcome)) bill.add(outcome);
    // Of calls that one request makes together the first speaks for all: where it finds no room, none does.
    if (bill.opening) granted(caller.name, await bill.opening, system);
    return grant(bill, caller, outcome);
  };

  return (caller, call, tokens) => {
    checkModel(call, catalogue);
    const { record } = call;
    const known = record.bill instanceof Bill ? record.bill : undefined;
    const ahead = known?.takeAhead();
    if (known && !ahead) return reserveMore(caller, call, tokens, known);
    const bill = known ?? new Bill(record, price, system.now());
    const answer = ahead
      ? goOnFrom(ahead, tokens, (more, first) => reserve(bill, caller, call, more, first))
      : reserve(bill, caller, call, tokens, true);
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
