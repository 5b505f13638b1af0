/** Whom to ask where no door is open: trouble that passes by itself is no reason to refuse a request unasked. */
import { troubleWith } from '../../reasons.ts';
import type { Spared } from './all-closed.ts';
import type { Place } from './place.ts';

/** The one that opens first, where failures alone keep doors closed; those that wait for their owner aside. */
export const soonest = (
  doors: ReadonlyMap<Place, Spared>,
  mayBeAsked: (place: Place) => boolean,
): Place | undefined => {
  let first: Place | undefined;
  let opensAt = Infinity;
  for (const [place, { cause, until }] of doors) {
    if (!mayBeAsked(place) || cause === 'off') continue;
    // Then there is a time to come back at, and it is told.
    if (troubleWith(cause).isQuota === true) return undefined;
    if (until < opensAt) [first, opensAt] = [place, until];
  }
  return first;
};
