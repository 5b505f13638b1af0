/** Room for a call that is not known in full yet: asked for beside what else is asked of Redis, so that nobody waits twice. */
import { isCounted } from '../callers/caller.ts';
import { isAllowed, priceOf, toAmount } from './asking.ts';
import type { Asked, LimitNeeds } from './asking.ts';
import { Bill } from './bill.ts';
import { isExceeded } from './counters.ts';
import type { Exceeded, Reservation } from './counters.ts';

/** `tokens`: rather too many than too few. `kept`: keys in Redis of what it goes on from, whose values begin with theirs. */
export type ReserveAhead = (call: Asked, tokens: number, kept?: readonly string[]) => void;

/** It says no to nobody: whoever makes the call asks again, with what is known then, where there was no room for this. */
export const createReserveAhead =
  (needs: LimitNeeds): ReserveAhead =>
  (call, tokens, keys = []) => {
    const { counters, catalogue, system } = needs;
    const { record } = call;
    const { caller } = call.origin;
    if (!isCounted(caller) || record.bill || !isAllowed(call, catalogue)) return;
    const now = system.now();
    const { costNanos } = toAmount(needs, now, caller, call, 1, MANY_TOKENS);
    const kept = { keys, costNanosOfToken: Math.ceil(costNanos / MANY_TOKENS) };
    const asked = toAmount(needs, now, caller, call, 1, tokens);
    const bill = new Bill(record, priceOf(needs), now);
    record.bill = bill;
    bill.reserveAhead(Promise.resolve(counters.reserve(caller.id, caller.limits, asked, true, kept)));
  };

/** Long prompts cost more by the token. */
const MANY_TOKENS = 1_000_000;

type Reserve = (tokens: number, first: boolean) => Reservation | Exceeded | Promise<Reservation | Exceeded>;

/** What the call needs beyond what was reserved ahead. Resolves to the last that was reserved for it. */
export const goOnFrom = async (
  ahead: Promise<Reservation | Exceeded>,
  tokens: number,
  reserve: Reserve,
): Promise<Reservation | Exceeded> => {
  const outcome = await ahead;
  if (isExceeded(outcome)) return reserve(tokens, true);
  return outcome.tokens >= tokens ? outcome : reserve(tokens - outcome.tokens, false);
};
