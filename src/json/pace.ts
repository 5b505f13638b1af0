/** Turns of the event loop in long work, so that others are served meanwhile. */
import { turn } from '../engine/turns.ts';

/** Told of each piece of work, by its bytes; a promise where it is time for others. */
export type Pace = (bytes: number) => Promise<void> | undefined;

/** Some milliseconds of work on each byte. */
const BYTES_AT_A_STRETCH = 2 * 1024 * 1024;

export const createPace = (): Pace => {
  let done = 0;
  return (bytes) => {
    done += bytes;
    if (done < BYTES_AT_A_STRETCH) return undefined;
    done = 0;
    return turn();
  };
};
