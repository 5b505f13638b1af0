/** Tells Redis what was used, at once or when it is back, and undoes there what was given up here. */
import type { RedisState } from '../state/redis.ts';
import { SETTLE } from './limit-scripts.ts';
import { createOwed } from './owed.ts';
import type { Debt } from './owed.ts';
import { createUnanswered } from './unanswered.ts';
import type { Unanswered } from './unanswered.ts';

export interface Telling {
  readonly unanswered: Unanswered;
  /** Where Redis keeps what it has done of the unanswered. */
  readonly receiptsKey: string;
  /** `how`: as in SETTLE. */
  settle(id: string, how: string, debt: Debt): void;
  /** What was decided without Redis, or given up. */
  owe(id: string, debt: Debt): void;
}

/** `active`: what this relay answers at the moment and Redis knows of. */
export const createTelling = (
  state: Pick<RedisState, 'id' | 'link' | 'awayMs' | 'onReady'>,
  active: ReadonlyMap<string, number>,
): Telling => {
  const owed = createOwed();
  const unanswered = createUnanswered();
  const receiptsKey = `receipts:${state.id}`;

  const keep = (id: string, { changes, givenUp }: Debt): void => {
    for (const number of givenUp) owed.giveUp(id, number);
    for (const [place, amount] of changes) owed.add(id, place, amount);
  };

  const settle = (id: string, how: string, debt: Debt): void => {
    // Nothing is sent then: nothing can be done late.
    if (state.awayMs() > 0) {
      keep(id, debt);
      return;
    }
    const { changes, givenUp } = debt;
    const { number, oldest } = unanswered.add();
    const words = changes.flatMap(([{ second, day, month }, { requests, tokens, costNanos }]) => [
      ...[second, day, month, requests, tokens, costNanos],
    ]);
    const asked = [state.id, how, number, oldest, givenUp.length, ...givenUp, ...words];
    state.link.run(SETTLE, [`limits:${id}`, receiptsKey], asked).then(
      () => {
        for (const one of [number, ...givenUp]) unanswered.remove(one);
      },
      () => {
        // Told again; if it was done all the same, the one before is undone.
        keep(id, { changes, givenUp: [...givenUp, number] });
      },
    );
  };

  state.onReady(() => {
    const debts = owed.take();
    for (const id of new Set([...debts.keys(), ...active.keys()])) {
      settle(id, `=${active.get(id) ?? 0}`, debts.get(id) ?? NOTHING_OWED);
    }
  });

  return {
    unanswered,
    receiptsKey,
    settle,
    owe: (id, debt) => {
      keep(id, debt);
      // One that was too late for one question, and is not away, is told at once: nobody says that it is ready again.
      if (state.awayMs() > 0) return;
      for (const [other, all] of owed.take()) settle(other, '', all);
    },
  };
};

const NOTHING_OWED: Debt = { changes: [], givenUp: [] };
