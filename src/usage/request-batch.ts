/** Requests that are written together, those that are alike as one. */
import type { Batch } from '../store/writer.ts';
import type { System } from '../system.ts';
import { AlikeRequests } from './alike-requests.ts';
import { writeDaySums } from './day-sums.ts';
import { isOfKind, nameOfKind } from './request-kind.ts';
import type { KindOf } from './request-kind.ts';
import { createPlaces } from './request-row.ts';
import type { EndedRequest } from './request-row.ts';

export interface BatchNeeds {
  readonly kindOf: KindOf;
  readonly system: System;
  /** How long single requests are kept; 0: only the sums. */
  readonly keepDays: () => number;
}

export const createBatches = ({ kindOf, system, keepDays }: BatchNeeds): (() => Batch<EndedRequest>) => {
  const placeOf = createPlaces(system);
  return () => {
    const groups = new Map<string, AlikeRequests>();
    let latest: AlikeRequests | undefined;

    const groupOf = (ended: EndedRequest): AlikeRequests => {
      const priced = kindOf(ended);
      const name = nameOfKind(priced.kind);
      const known = groups.get(name);
      if (known) return known;
      const made = new AlikeRequests(priced);
      groups.set(name, made);
      return made;
    };

    return {
      add: (ended) => {
        // Nearly always the same as the one before.
        if (!latest || !isOfKind(ended, latest.priced.kind)) latest = groupOf(ended);
        latest.add(ended);
      },
      toWrites: () => {
        const all = [...groups.values()];
        const sums = writeDaySums(all);
        return keepDays() === 0 ? [sums] : [...all.map((group) => group.toWrite(placeOf)), sums];
      },
    };
  };
};
