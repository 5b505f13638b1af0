/** What a call is told that no door takes. */
import type { Cooldown } from '../cooldown/cooldown.ts';
import { allClosed, enoughAsked } from './all-closed.ts';
import { isAmong } from './house.ts';
import type { Among, House } from './house.ts';
import { isBetterElsewhere } from './lacking.ts';
import type { Look } from './look.ts';
import { isFurnished } from './place.ts';
import type { Place } from './place.ts';
import { sparedAt } from './spared.ts';

type Refusal = (
  model: string,
  among: Among,
  lacks: (place: Place) => boolean,
  asked?: readonly Place[],
  failure?: unknown,
) => unknown;

interface RefusalNeeds {
  readonly house: House;
  readonly cooldown: Cooldown;
  readonly now: () => number;
  readonly look: Look;
}

/** What is thrown where no door is left for a call. */
export const createRefusal = ({ house, cooldown, now, look }: RefusalNeeds): Refusal => {
  /** One that may have the model opens by itself. */
  const isOneToCome = (model: string, among: Among, lacks: (place: Place) => boolean): boolean => {
    for (const place of house.places()) {
      if (lacks(place) || !isAmong(place, among) || !isFurnished(place)) continue;
      const { state } = cooldown.stateOf(place.id, model);
      if (state === 'cooling') return true;
    }
    return false;
  };

  return (model, among, lacks, asked = [], failure) => {
    const isOneLeft = house.pick(model, 0, among, (place) => asked.includes(place) || lacks(place)) !== undefined;
    if (failure !== undefined && asked.some((place) => cooldown.isOpen(place.id, model))) {
      // Where a door is open that could not do it, what that one said is the answer; but that it does not have the model
      // is none while one that may have it is only closed for a time.
      if (isOneLeft || !isBetterElsewhere(failure) || !isOneToCome(model, among, lacks)) return failure;
    } else if (isOneLeft) {
      const time = now();
      return enoughAsked(
        model,
        asked.map((place) => sparedAt(place, model, cooldown, time)),
        failure,
      );
    }
    const doors = [...look(model)].flatMap(([place, spared]) =>
      isAmong(place, among) && !lacks(place) ? [spared] : [],
    );
    return allClosed(model, doors, now(), failure);
  };
};
