/** What a client key may make at Google: each new thing is one request, its tokens count as far as Google tells them. */
import { isCounted } from '../callers/caller.ts';
import { mayUse, modelNotAllowed } from '../callers/models.ts';
import type { Asker, Creation } from '../gemini/kept.ts';
import type { PricedUsage } from '../gemini/usage.ts';
import { Bill } from './bill.ts';
import { priceOf } from './asking.ts';
import type { LimitNeeds } from './asking.ts';
import { granted } from './refusals.ts';

type Needs = Pick<LimitNeeds, 'counters' | 'system' | 'costOf'>;

/** Rejects where a limit of the caller's is in the way. */
export const createKeptLimits =
  ({ counters, system, costOf }: Needs) =>
  async (
    { caller, record }: Asker,
    { model, agent, tokens = 0 }: Pick<Creation, 'model' | 'agent' | 'tokens'>,
  ): Promise<void> => {
    if (!isCounted(caller)) return;
    if (model !== undefined && !mayUse(caller, record.alias ?? model, model)) throw modelNotAllowed(caller, model);
    // An agent works with models of its own choice: it is on the list by its own name, or the key may not have it.
    if (agent !== undefined && !mayUse(caller, agent)) throw modelNotAllowed(caller, agent);
    const asked = { requests: 1, tokens, costNanos: 0 };
    const outcome = await counters.reserve(caller.id, caller.limits, asked, true);
    const reservation = granted(caller.name, outcome, system);
    const bill = new Bill(
      {
        // What no door was asked for was refused here, and counts nothing.
        get servedModel() {
          return record.door === undefined ? undefined : (record.servedModel ?? '');
        },
      },
      priceOf({ costOf }),
      system.now(),
    );
    bill.add(reservation);
    record.bill = bill;
  };

/** What Google has worked on in the background is counted when it is done, and somebody asks: there is no call to refuse. */
export const createLateSpending =
  ({ counters, system, costOf }: Needs) =>
  ({ caller, record }: Asker, used: PricedUsage): void => {
    if (!isCounted(caller)) return;
    const costNanos = priceOf({ costOf })(record.servedModel ?? '', system.now(), used);
    counters.spend(caller.id, { requests: 0, tokens: used.input + used.output, costNanos });
  };

/** What goes on for long is counted while it goes on: rejects where there is no room for what was used. */
export const createSpending =
  ({ counters, system, costOf }: Needs) =>
  async ({ caller, record }: Asker, used: PricedUsage): Promise<void> => {
    if (!isCounted(caller) || !(record.bill instanceof Bill)) return;
    const costNanos = costOf(record.servedModel ?? '', system.now(), used) ?? 0;
    const asked = { requests: 0, tokens: used.input + used.output, costNanos };
    const outcome = await counters.reserve(caller.id, caller.limits, asked, false);
    record.bill.add(granted(caller.name, outcome, system));
  };
