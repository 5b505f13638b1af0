import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';

/** Bytes that may be in memory at one time, for all requests together. */
export interface MemoryBudget {
  /**
   * For a body, or an answer, that has `size` bytes with these. Throws RelayError `server_overloaded` where the rest does
   * not suffice; never for a small one: admission bounds how many of those there are, and large ones must not keep them
   * out.
   */
  take(bytes: number, size: number): void;
  give(bytes: number): void;
  readonly used: number;
}

/** Bodies up to this always find room. */
export const SMALL_BYTES = 64 * 1024;

export const createMemoryBudget = (limitBytes: () => number, random: () => number): MemoryBudget => {
  let used = 0;
  return {
    take: (bytes, size) => {
      if (size > SMALL_BYTES && used + bytes > limitBytes()) {
        throw overloaded('The requests in flight and their answers fill the memory', random());
      }
      used += bytes;
    },
    give: (bytes) => {
      used -= bytes;
    },
    get used() {
      return used;
    },
  };
};

/** The refusal of a relay that has too much to do; `random` spreads the return of those refused. */
export const overloaded = (why: string, random: number): RelayError =>
  failed('server_overloaded', `${why}; try again in a moment.`, { retryAfterMs: 1000 * (1 + Math.floor(random * 5)) });
