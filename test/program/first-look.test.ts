import { expect, test } from 'vitest';
import { lookAtDoors } from '../../src/program/first-look.ts';
import type { CheckedDoor, DoorControl } from '../../src/upstreams/doors/control.ts';

type Says = 'yes' | 'no' | 'nothing';

const look = async (...doors: readonly Says[]) => {
  const ids = doors.map((says, at) => `${says} ${at}`);
  const control = {
    states: () => ids.map((id) => ({ id })) as unknown as ReturnType<DoorControl['states']>,
    check: (id: string, signal: AbortSignal): Promise<CheckedDoor> => {
      if (!id.startsWith('nothing')) return Promise.resolve({ id, ok: id.startsWith('yes') } as CheckedDoor);
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    },
  };
  const found = lookAtDoors(
    { control, status: () => ({ status: 'healthy', message: '' }) },
    new AbortController().signal,
    10,
  );
  await found.done;
  return [found.shut().length, found.isHopeless(), found.isSilent()];
};

test.each<[readonly Says[], readonly [number, boolean, boolean]]>([
  [['yes'], [0, false, false]],
  [['no'], [1, true, false]],
  [['nothing'], [0, true, true]],
  [
    ['no', 'nothing'],
    [1, true, true],
  ],
  [
    ['yes', 'nothing'],
    [0, false, true],
  ],
  [
    ['yes', 'no'],
    [1, false, false],
  ],
  [[], [0, false, false]],
])('doors that say %j', async (doors, found) => {
  expect(await look(...doors)).toEqual(found);
});
