/** Whom to ask where no door is open: trouble that passes by itself is no reason to refuse a request unasked. */
import type { DoorCause } from '../../reasons.ts';
import { troubleWith } from '../../reasons.ts';
import type { Cooldown } from '../cooldown/cooldown.ts';
import type { Spared } from './all-closed.ts';
import type { Place } from './place.ts';
import { sparedAt } from './spared.ts';

/** Of the doors that only a failure keeps closed, and no quota nor their owner, the one that opens first. */
export const soonest = (
  places: Iterable<Place>,
  model: string,
  cooldown: Pick<Cooldown, 'stateOf'>,
  time: number,
): Place | undefined => {
  let first: Place | undefined;
  let opensAt = Infinity;
  for (const place of places) {
    const { cause, until } = sparedAt(place, model, cooldown, time);
    if (until < opensAt && isFailure(cause)) [first, opensAt] = [place, until];
  }
  return first;
};

const isFailure = (cause: Spared['cause']): cause is DoorCause =>
  cause !== 'off' && troubleWith(cause).isQuota !== true;
