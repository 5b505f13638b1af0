/** Why a door is not asked, and until when. */
import type { Cooldown } from '../cooldown/cooldown.ts';
import type { Spared } from './all-closed.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';
import { CAUSES } from './report.ts';

export const sparedAt = (place: Place, model: string, cooldown: Pick<Cooldown, 'stateOf'>, time: number): Spared => {
  if (!isFurnished(place)) return { cause: CAUSES[place.status().status] ?? 'permission', until: Infinity };
  const state = cooldown.stateOf(place.id, model);
  switch (state.state) {
    case 'cooling':
      return { cause: state.cause, until: state.until };
    case 'invalid':
      return { cause: state.cause, until: Infinity };
    case 'off':
      return { cause: 'off', until: Infinity };
    default:
      return { cause: 'network', until: time };
  }
};
