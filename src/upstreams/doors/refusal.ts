/** What a call is told that no door takes. */
import type { Cooldown } from '../cooldown/cooldown.ts';
import { allClosed, enoughAsked } from './all-closed.ts';
import type { Spared } from './all-closed.ts';
import { isAmong } from './house.ts';
import type { Among, House } from './house.ts';
import type { Place } from './place.ts';
import { sparedAt } from './spared.ts';

type Refusal = (model: string, among: Among, asked?: readonly Place[], failure?: unknown) => unknown;

interface RefusalNeeds {
  readonly house: House;
  readonly cooldown: Cooldown;
  readonly now: () => number;
}

/** What is thrown where no door is left for a call. Worked out once for as long as nothing changes: it looks at all. */
export const createRefusal = ({ house, cooldown, now }: RefusalNeeds): Refusal => {
  let latest:
    | {
        readonly model: string;
        readonly version: number;
        readonly opensAt: number;
        readonly spared: ReadonlyMap<Place, Spared>;
      }
    | undefined;

  const look = (model: string): ReadonlyMap<Place, Spared> => {
    const time = now();
    if (latest?.model === model && latest.version === cooldown.version && time < latest.opensAt) return latest.spared;
    const spared = new Map(Array.from(house.places(), (place) => [place, sparedAt(place, model, cooldown, time)]));
    const opensAt = spared.values().reduce((first, { until }) => Math.min(first, until), time + LOOK_AGAIN_MS);
    latest = { model, version: cooldown.version, opensAt, spared };
    return spared;
  };

  return (model, among, asked = [], failure) => {
    // Where a door is open that could not do it, what that one said is the answer.
    if (failure !== undefined && asked.some((place) => cooldown.isOpen(place.id, model))) return failure;
    const isOneLeft = house.pick(model, 0, among, (place) => asked.includes(place)) !== undefined;
    if (isOneLeft) {
      const time = now();
      return enoughAsked(
        model,
        asked.map((place) => sparedAt(place, model, cooldown, time)),
        failure,
      );
    }
    const doors = [...look(model)].flatMap(([place, spared]) => (isAmong(place, among) ? [spared] : []));
    return allClosed(model, doors, now(), failure);
  };
};

const LOOK_AGAIN_MS = 1000;
