/** Whom to ask where no door is open: trouble that passes by itself is no reason to refuse a request unasked. */
import { troubleWith } from '../../reasons.ts';
import type { Spared } from './all-closed.ts';
import type { Place } from './place.ts';

/** Of the doors that only a failure keeps closed, and no quota nor their owner, the one that opens first. */
export const soonest = (
  doors: ReadonlyMap<Place, Spared>,
  mayBeAsked: (place: Place) => boolean,
): Place | undefined => {
  let first: Place | undefined;
  let opensAt = Infinity;
  for (const [place, { cause, until }] of doors) {
    if (until < opensAt && isFailure(cause) && mayBeAsked(place)) [first, opensAt] = [place, until];
  }
  return first;
};

const isFailure = (cause: Spared['cause']): boolean => cause !== 'off' && troubleWith(cause).isQuota !== true;
