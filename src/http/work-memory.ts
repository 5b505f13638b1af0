import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import { overloaded } from './memory-budget.ts';
import { createWaitingLine } from './waiting-line.ts';
import type { WaitingLine } from './waiting-line.ts';

/** Memory for what is made of bodies: their text, its values, and the text for Google. Who finds none waits for it. */
export interface WorkMemory {
  /**
   * Undefined for who need not wait. `held` is what this one has already: it comes before those who have nothing. Throws
   * for what would never fit; rejects for who has waited for too long, or would wait for others who wait for it.
   */
  take(bytes: number, signal: AbortSignal, held?: number): Promise<void> | undefined;
  give(bytes: number): void;
  readonly used: number;
}

/** Up to this, a body passes those who wait, and has a part of the memory that larger ones leave free. */
const MODEST_BYTES = 8 * 1024 * 1024;
const SHARE_OF_LARGE = 7 / 8;

export const createWorkMemory = (limitBytes: number, waitMs: () => number, system: System): WorkMemory => {
  const limitOfLarge = limitBytes * SHARE_OF_LARGE;
  const busy = (): RelayError =>
    overloaded(
      `Larger bodies than the memory holds at one time came before this one for ${waitMs()} ms`,
      system.random(),
    );
  const newcomers = createWaitingLine(waitMs, system, busy);
  const holders = createWaitingLine(waitMs, system, busy);
  let used = 0;

  const fits = (bytes: number): boolean => used + bytes <= limitOfLarge;

  /** All that is used is held by those who wait for more. */
  const isLockedUp = (): boolean => {
    let held = 0;
    for (const waiting of holders.line) held += waiting.held;
    return held > 0 && used - held < 1;
  };

  const letIn = ({ line }: WaitingLine): void => {
    for (let next = line.first; next && fits(next.member.bytes); next = line.first) {
      used += next.member.bytes;
      next.member.admit();
    }
  };

  const letAllIn = (): void => {
    letIn(holders);
    if (holders.line.size === 0) letIn(newcomers);
    // Nobody would ever give: the last to come makes room for the others.
    else if (isLockedUp()) [...holders.line].at(-1)?.refuse(lockedUp(system.random()));
  };

  const waitIn = (queue: WaitingLine, signal: AbortSignal, bytes: number, held: number): Promise<void> => {
    const turn = queue.wait(signal, bytes, held).catch((error: unknown) => {
      // The next one may need less.
      letAllIn();
      throw error;
    });
    letAllIn();
    return turn;
  };

  return {
    take: (bytes, signal, held = 0) => {
      if (held + bytes > limitOfLarge) throw tooLargeForMemory();
      if (signal.aborted) throw signal.reason;
      const queue = held > 0 ? holders : newcomers;
      const isNext = holders.line.size + (held > 0 ? 0 : newcomers.line.size) === 0;
      if (bytes <= MODEST_BYTES ? used + bytes <= limitBytes : isNext && fits(bytes)) {
        used += bytes;
        return undefined;
      }
      return waitIn(queue, signal, bytes, held);
    },
    give: (bytes) => {
      used -= bytes;
      letAllIn();
    },
    get used() {
      return used;
    },
  };
};

const lockedUp = (random: number): RelayError =>
  overloaded('The requests in flight hold the memory, and each of them waits for more', random);

const tooLargeForMemory = (): RelayError =>
  failed(
    'request_too_large',
    'The request body is larger than the memory that this relay has for one. Send less, or give the relay more: the container (mem_limit), or Node (NODE_OPTIONS=--max-old-space-size=MEGABYTES).',
  );
