/** Lets so many in at once; the others wait in their order, or leave when their signal says so. */
export interface Turnstile {
  /** Resolves with what must be called when leaving. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export const createTurnstile = (places: number): Turnstile => {
  const waiting = new Set<() => void>();
  let free = places;

  const leave = (): void => {
    const [next] = waiting;
    if (next) next();
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
          waiting.delete(enter);
          reject(signal.reason as Error);
        };
        const enter = (): void => {
          waiting.delete(enter);
          signal.removeEventListener('abort', giveUp);
          resolve(leave);
        };
        waiting.add(enter);
        signal.addEventListener('abort', giveUp, { once: true });
      }),
  };
};
