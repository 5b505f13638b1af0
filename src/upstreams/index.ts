/** The ways to Gemini: how many doors there are, and what stands between them and the formats. */
import type { Door, DoorNeeds, UpstreamSettings } from './door.ts';
import { openOneDoor } from './one-door.ts';
import { asOneDoor, openSeveralDoors } from './several-doors.ts';
import { openStack } from './stacks.ts';

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
