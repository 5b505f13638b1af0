/** Each door is tried once at the start: a key that Google refuses is told in the greeting, not by the first request. */
import type { StatusSource } from '../health.ts';
import type { Parts } from '../parts.ts';

/** Of many keys the first: to try thousands at once would be a flood. */
const MOST_DOORS = 16;
const LIMIT_MS = 30_000;

export interface ShutDoor {
  readonly id: string;
  /** What came, and what to do about it. */
  readonly message: string;
}

export interface FirstLook {
  /** Doors that have been found shut so far. The only one is not told of where the relay's state tells of it. */
  shut(): readonly ShutDoor[];
  /** Never rejects. */
  readonly done: Promise<void>;
  isDone(): boolean;
  /** Whether all doors are shut, or silent for as long as is waited for them: no request would get through. */
  isHopeless(): boolean;
  /** Whether one of them has said nothing for so long. */
  isSilent(): boolean;
  /** Of those that are found shut from now on. */
  tellLater(tell: (id: string, message: string) => void): void;
}

export const lookAtDoors = (
  {
    control,
    status,
  }: { readonly control: Pick<Parts['door']['control'], 'states' | 'check'>; readonly status: StatusSource },
  ended: AbortSignal,
  limitMs = LIMIT_MS,
): FirstLook => {
  const signal = AbortSignal.any([ended, AbortSignal.timeout(limitMs)]);
  const doors = control.states();
  const shut: ShutDoor[] = [];
  let silent = 0;
  let tell: ((id: string, message: string) => void) | undefined;

  const look = async (id: string): Promise<void> => {
    // Whoever is silent for so long has refused nothing.
    const found = await control.check(id, signal)?.catch(() => undefined);
    if (!found) silent += 1;
    if (found?.ok !== false || (doors.length === 1 && status().status !== 'healthy')) return;
    shut.push(found);
    tell?.(found.id, found.message);
  };

  let isDone = false;
  const done = Promise.all(doors.slice(0, MOST_DOORS).map(({ id }) => look(id))).then(() => {
    isDone = true;
  });
  return {
    shut: () => shut,
    done,
    isDone: () => isDone,
    isHopeless: () => shut.length + silent > 0 && shut.length + silent >= doors.length,
    isSilent: () => silent > 0,
    tellLater: (later) => {
      tell = later;
    },
  };
};
