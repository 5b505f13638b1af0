import { randomBytes, randomInt } from 'node:crypto';
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

const LETTERS = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const ID_LENGTH = 24;

/** 62 letters in a byte leave a bias too small to matter for an id; a secret never comes from here. */
const drawLetters = (count: number): string => {
  const bytes = randomBytes(count);
  for (let at = 0; at < count; at += 1) bytes[at] = LETTERS[(bytes[at] ?? 0) % LETTERS.length] ?? 0;
  return bytes.toString('latin1');
};

export const createSystem = (): System => {
  // Letters are drawn for many ids at once: a call for each costs more than all the rest of making it.
  let letters = '';
  let used = 0;

  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    newId: (prefix) => {
      if (used === letters.length) {
        letters = drawLetters(ID_LENGTH * 128);
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
