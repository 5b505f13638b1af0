import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Everything random or timed comes from here, so that tests can hold it still. */
export interface System {
  /** Wall clock, milliseconds since 1970. It may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** `prefix` and 24 letters and digits, 96 bits of chance: `chatcmpl-…`, `call_…`. No secret. */
  newId(prefix: string): string;
  /** From 0 (included) to 1 (excluded). */
  random(): number;
  /** Rejects with the signal's reason when it is aborted first. Does not keep the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const ID_LENGTH = 24;
/** Letters are drawn for many ids at once: a call for each costs more than all the rest of making it. */
const IDS_AT_ONCE = 128;

export const createSystem = (): System => {
  let letters = '';
  let used = 0;

  return {
    // The engine's own functions: each request asks a dozen times.
    now: Date.now,
    monotonic: performance.now.bind(performance),
    newId: (prefix) => {
      if (used === letters.length) {
        letters = randomBytes((ID_LENGTH * IDS_AT_ONCE) / 2).toString('hex');
        used = 0;
      }
      used += ID_LENGTH;
      return prefix + letters.slice(used - ID_LENGTH, used);
    },
    random: () => randomInt(2 ** 32) / 2 ** 32,
    sleep: async (ms, signal) => {
      await delay(ms, undefined, { ref: false, ...(signal && { signal }) }).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error;
      });
    },
  };
};
