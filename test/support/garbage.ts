import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const collector = (): ((how?: { type: 'minor' }) => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as (how?: { type: 'minor' }) => void;
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Collects garbage, all that there is. */
export const collectGarbage = async (): Promise<void> => {
  const collect = collector();
  // Twice, with a turn of the event loop between: what a finished callback held is let go only then.
  for (let round = 0; round < 2; round += 1) {
    await turn();
    collect();
  }
};

/** Collects garbage among what is young, as happens all the time. What lives on is old afterwards. */
export const collectYoungGarbage = async (): Promise<void> => {
  const collect = collector();
  for (let round = 0; round < 4; round += 1) {
    await turn();
    collect({ type: 'minor' });
  }
};
