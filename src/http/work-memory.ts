import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { System } from '../system.ts';
import { overloaded } from './memory-budget.ts';
import { createWaitingLine } from './waiting-line.ts';

/** Memory for what is made of bodies: their text, its values, and the text for Google. Who finds none waits for it. */
export interface WorkMemory {
  /** Undefined for who need not wait. Throws for what would never fit; rejects for who has waited for too long. */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined;
  give(bytes: number): void;
  readonly used: number;
}

/** Up to this, a body passes those who wait, and has a part of the memory that larger ones leave free. */
const MODEST_BYTES = 8 * 1024 * 1024;
const SHARE_OF_LARGE = 7 / 8;

export const createWorkMemory = (limitBytes: number, waitMs: () => number, system: System): WorkMemory => {
  const limitOfLarge = limitBytes * SHARE_OF_LARGE;
  let used = 0;
  const queue = createWaitingLine(waitMs, system, () =>
    overloaded(
      `Larger bodies than the memory holds at one time came before this one for ${waitMs()} ms`,
      system.random(),
    ),
  );

  const { line } = queue;

  const letIn = (): void => {
    for (let next = line.first; next && used + next.member.bytes <= limitOfLarge; next = line.first) {
      used += next.member.bytes;
      next.member.admit();
    }
  };

  return {
    take: (bytes, signal) => {
      if (bytes > limitOfLarge) throw tooLargeForMemory();
      if (signal.aborted) throw signal.reason;
      const isModest = bytes <= MODEST_BYTES;
      if (isModest ? used + bytes <= limitBytes : line.size === 0 && used + bytes <= limitOfLarge) {
        used += bytes;
        return undefined;
      }
      return queue.wait(signal, bytes).catch((error: unknown) => {
        // The next one may need less.
        letIn();
        throw error;
      });
    },
    give: (bytes) => {
      used -= bytes;
      letIn();
    },
    get used() {
      return used;
    },
  };
};

const tooLargeForMemory = (): RelayError =>
  failed(
    'request_too_large',
    'The request body is larger than the memory that this relay has for one. Send less, or give the relay more: the container (mem_limit), or Node (NODE_OPTIONS=--max-old-space-size=MEGABYTES).',
  );
