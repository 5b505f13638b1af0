import { randomFillSync, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Everything random or timed comes from here, so that tests can hold it still. */
export interface System {
  /** Wall clock, milliseconds since 1970. It may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** `prefix` and 24 letters and digits: `chatcmpl-…`, `call_…`. */
  newId(prefix: string): string;
  /** From 0 (included) to 1 (excluded). */
  random(): number;
  /** Rejects with the signal's reason when it is aborted first. Does not keep the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 24;

export const createSystem = (): System => {
  // Random bytes are fetched for many ids at once: a call for each costs more than all the rest of making it.
  const bytes = Buffer.alloc(ID_LENGTH * 128);
  let used = bytes.length;

  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    newId: (prefix) => {
      if (used === bytes.length) {
        randomFillSync(bytes);
        used = 0;
      }
      let id = prefix;
      // 62 letters in a byte leave a bias too small to matter for an id; a secret never comes from here.
      for (const end = used + ID_LENGTH; used < end; used += 1)
        id += LETTERS.charAt((bytes[used] ?? 0) % LETTERS.length);
      return id;
    },
    random: () => randomInt(2 ** 32) / 2 ** 32,
    sleep: async (ms, signal) => {
      await delay(ms, undefined, { ref: false, ...(signal && { signal }) }).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error;
      });
    },
  };
};
