import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';
import type { Ledger } from './ledger.ts';
import { readKeySums } from './report.ts';

export interface KeySumsNeeds {
  readonly store: Pick<Store, 'kind' | 'read'>;
  readonly ledger: Pick<Ledger, 'flush'>;
  readonly system: Pick<System, 'now'>;
  /** How long single requests are kept. */
  readonly keepDays: () => number;
}

/** What a key has used, up to now. Null where nothing is kept, or where it cannot be read at the moment. */
export const createKeySums = ({ store, ledger, system, keepDays }: KeySumsNeeds) => {
  const needs = () => ({ store, now: system.now(), keepDays: keepDays() });
  return async (key: string, from: number, to: number) => {
    if (store.kind === 'none') return null;
    await ledger.flush();
    try {
      const { unpriced: _unpriced, ...sums } = await readKeySums({ key, from, to }, needs());
      return sums;
    } catch {
      // The store tells of its trouble itself; limits and what is left of them are known without it.
      return null;
    }
  };
};
