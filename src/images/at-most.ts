import { Roll } from '../engine/roll.ts';

/** Lets so many in at once; the others wait in their order, or leave when their signal says so. */
export interface AtMost {
  /** Resolves with what must be called when leaving. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export const atMost = (most: number): AtMost => {
  const waiting = new Roll<() => void>();
  let free = most;

  const leave = (): void => {
    if (waiting.first) waiting.first.member();
    else free += 1;
  };

  return {
    enter: (signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        if (free > 0) {
          free -= 1;
          resolve(leave);
          return;
        }
        const giveUp = (): void => {
          waiting.leave(place);
          reject(signal.reason as Error);
        };
        const place = waiting.enter(() => {
          waiting.leave(place);
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
        });
        signal.addEventListener('abort', giveUp, { once: true });
      }),
  };
};
