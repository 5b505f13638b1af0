/** Why each door is not asked for a model, and until when. Worked out once for as long as nothing changes: it looks at all. */
import type { Cooldown } from '../cooldown/cooldown.ts';
import type { Spared } from './all-closed.ts';
import type { House } from './house.ts';
import type { Place } from './place.ts';
import { sparedAt } from './spared.ts';

export type Look = (model: string) => ReadonlyMap<Place, Spared>;

interface LookNeeds {
  readonly house: Pick<House, 'places'>;
  readonly cooldown: Pick<Cooldown, 'stateOf' | 'version'>;
  readonly now: () => number;
}

const LOOK_AGAIN_MS = 1000;

export const createLook = ({ house, cooldown, now }: LookNeeds): Look => {
  let latest:
    | {
        readonly model: string;
        readonly version: number;
        readonly opensAt: number;
        readonly spared: ReadonlyMap<Place, Spared>;
      }
    | undefined;

  return (model) => {
    const time = now();
    if (latest?.model === model && latest.version === cooldown.version && time < latest.opensAt) return latest.spared;
    const spared = new Map(Array.from(house.places(), (place) => [place, sparedAt(place, model, cooldown, time)]));
    const opensAt = spared.values().reduce((first, { until }) => Math.min(first, until), time + LOOK_AGAIN_MS);
    latest = { model, version: cooldown.version, opensAt, spared };
    return spared;
  };
};
