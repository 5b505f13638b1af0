import { Roll } from '../engine/roll.ts';

/**
 * Lets so many in at once. The others wait, or leave when their signal says so: those of one caller in their order, and
 * callers by turns, so that a crowd of one keeps no other waiting for longer than one place takes to be free.
 */
export interface AtMost {
  /** Resolves with what must be called when leaving. */
  enter(signal: AbortSignal, caller: string): Promise<() => void>;
}

export const atMost = (most: number): AtMost => {
  /** By caller; whose turn is next stands first. */
  const waiting = new Map<string, Roll<() => void>>();
  let free = most;

  const leave = (): void => {
    const [next] = waiting;
    if (!next) {
      free += 1;
      return;
    }
    const [caller, line] = next;
    waiting.delete(caller);
    if (line.size > 1) waiting.set(caller, line);
    line.first?.member();
  };

  return {
    enter: (signal, caller) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (free > 0) {
          free -= 1;
          resolve(leave);
          return;
        }
        const line = waiting.get(caller) ?? new Roll();
        waiting.set(caller, line);
        const giveUp = (): void => {
          line.leave(place);
          if (line.size === 0) waiting.delete(caller);
          reject(signal.reason as Error);
        };
        const place = line.enter(() => {
          line.leave(place);
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
        });
        signal.addEventListener('abort', giveUp, { once: true });
      }),
  };
};
