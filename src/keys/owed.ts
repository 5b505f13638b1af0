/**
 * What was used while nobody could be told: by key and place, until it can. And what was asked for and given up: whether it
 * was done is not known here.
 */
import type { Amount } from './counters.ts';
import type { Place } from './shared-counters.ts';

export interface Debt {
  readonly changes: readonly (readonly [Place, Amount])[];
  /** Numbers of commands to be undone where they were done. */
  readonly givenUp: readonly number[];
}

export interface Owed {
  add(id: string, place: Place, amount: Amount): void;
  giveUp(id: string, number: number): void;
  /** All of it by key, which is owed no longer. */
  take(): ReadonlyMap<string, Debt>;
}

const MINUTE_SECONDS = 60;
/** Of one key. Then the seconds that are over count for their day alone. */
const MOST_PLACES = 2 * MINUTE_SECONDS;
const NO_SECOND = 0;

interface Account {
  readonly places: Map<string, [Place, Amount]>;
  readonly givenUp: number[];
}

export const createOwed = (): Owed => {
  let owed = new Map<string, Account>();

  const accountOf = (id: string): Account => {
    const account = owed.get(id) ?? { places: new Map<string, [Place, Amount]>(), givenUp: [] };
    owed.set(id, account);
    return account;
  };

  const put = (places: Map<string, [Place, Amount]>, place: Place, amount: Amount): void => {
    const name = `${place.second} ${place.day}`;
    const before = places.get(name)?.[1];
    const { requests, tokens, costNanos } = amount;
    places.set(name, [
      place,
      {
        requests: requests + (before?.requests ?? 0),
        tokens: tokens + (before?.tokens ?? 0),
        costNanos: costNanos + (before?.costNanos ?? 0),
      },
    ]);
  };

  return {
    add: (id, place, amount) => {
      const { places } = accountOf(id);
      put(places, place, amount);
      if (places.size <= MOST_PLACES) return;
      for (const [name, [old, sum]] of [...places]) {
        if (old.second === NO_SECOND || old.second > place.second - MINUTE_SECONDS) continue;
        places.delete(name);
        put(places, { ...old, second: NO_SECOND }, sum);
      }
    },
    giveUp: (id, number) => {
      accountOf(id).givenUp.push(number);
    },
    take: () => {
      const taken = owed;
      owed = new Map();
      return new Map([...taken].map(([id, { places, givenUp }]) => [id, { changes: [...places.values()], givenUp }]));
    },
  };
};
