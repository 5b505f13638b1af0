/** What was used while nobody could be told: by key and place, until it can. */
import type { Amount } from './counters.ts';
import type { Place } from './shared-counters.ts';

export type OwedChanges = ReadonlyMap<string, readonly (readonly [Place, Amount])[]>;

export interface Owed {
  add(id: string, place: Place, amount: Amount): void;
  /** All of it, which is owed no longer. */
  take(): OwedChanges;
}

const MINUTE_SECONDS = 60;
/** Of one key. Then the seconds that are over count for their day alone. */
const MOST_PLACES = 2 * MINUTE_SECONDS;
const NO_SECOND = 0;

export const createOwed = (): Owed => {
  let owed = new Map<string, Map<string, [Place, Amount]>>();

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
      const places = owed.get(id) ?? new Map<string, [Place, Amount]>();
      owed.set(id, places);
      put(places, place, amount);
      if (places.size <= MOST_PLACES) return;
      for (const [name, [old, sum]] of [...places]) {
        if (old.second === NO_SECOND || old.second > place.second - MINUTE_SECONDS) continue;
        places.delete(name);
        put(places, { ...old, second: NO_SECOND }, sum);
      }
    },
    take: () => {
      const taken = new Map([...owed].map(([id, places]) => [id, [...places.values()]]));
      owed = new Map();
      return taken;
    },
  };
};
