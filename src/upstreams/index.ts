/** Doors: how many there are, and what stands between them and the formats. */
import type { Door, DoorNeeds, UpstreamSettings } from './door.ts';
import { openOneDoor } from './one-door.ts';
import { asOneDoor, openSeveralDoors } from './several-doors.ts';
import { openStack, SERVES } from './stacks.ts';
import type { Model } from '../gemini/catalogue.ts';
import type { DoorName } from './decision.ts';

export type { Door, DoorNeeds, UpstreamSettings } from './door.ts';

/** One door, as cheap as if there were no others, unless UPSTREAM names several or there are several keys. */
export const openDoor = (settings: UpstreamSettings, needs: DoorNeeds): Door => {
  const { kind, further = [] } = settings;
  if (kind !== 'auto' && further.length > 0) return asOneDoor([kind, ...further], settings, needs);
  // Several keys are several doors, where the rule leads to them.
  return openOneDoor(settings, needs, (name) =>
    name === 'gemini-api' && needs.apiKeys
      ? openSeveralDoors([name], settings, needs)
      : openStack(name, settings, needs),
  );
};

/** Of the kinds in a door's name, those that have a model, as far as is known. */
export const kindsServing = (doorName: string, model: Model): readonly string[] =>
  doorName.split(',').filter((kind) => isDoorName(kind) && kind !== 'none' && SERVES[kind](model));

const isDoorName = (word: string): word is DoorName => Object.hasOwn(SERVES, word);
