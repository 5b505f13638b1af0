/** Requests that wait, in order, for a place or for memory; none longer than the limit. */
import { sharedDeadlines } from '../engine/deadlines.ts';
import { toRelayError } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import { Roll } from '../engine/roll.ts';
import type { System } from '../system.ts';

export interface WaitingLine {
  /** Resolves when this one is let in, rejects when its time is over, its client leaves or it is refused. */
  wait(signal: AbortSignal, bytes?: number, held?: number): Promise<void>;
  /** Those who wait. */
  readonly line: Roll<Waiting>;
  refuseAll(reason: RelayError): void;
}

export interface Waiting {
  /** What it waits for, where that is memory. */
  readonly bytes: number;
  /** What it has of that already. */
  readonly held: number;
  readonly admit: () => void;
  readonly refuse: (reason: RelayError) => void;
}

/** `tooLate` is told to those whose time is over. */
export const createWaitingLine = (limitMs: () => number, system: System, tooLate: () => RelayError): WaitingLine => {
  const line = new Roll<Waiting>();
  const clock = sharedDeadlines(system);
  return {
    wait: (signal, bytes = 0, held = 0) =>
      new Promise((resolve, reject) => {
        const deadlines = clock(limitMs());
        const leave = (): void => {
          line.leave(place);
          deadlines.stop(deadline);
          signal.removeEventListener('abort', onAbort);
        };
        const admit = (): void => {
          leave();
          resolve();
        };
        const refuse = (reason: RelayError): void => {
          leave();
          reject(reason);
        };
        const onAbort = (): void => {
          refuse(toRelayError(signal.reason));
        };
        const deadline = deadlines.start(() => {
          refuse(tooLate());
        });
        const place = line.enter({ bytes, held, admit, refuse });
        signal.addEventListener('abort', onAbort);
      }),
    line,
    refuseAll: (reason) => {
      for (const waiting of line) waiting.refuse(reason);
    },
  };
};
