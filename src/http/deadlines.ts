import type { System } from '../system.ts';

/** One and the same time limit for many, for the price of one timer: who came first is late first. */
export interface Deadlines {
  /** Calls `late` when the time is over, unless the returned function was called before. */
  start(late: () => void): () => void;
}

export const createDeadlines = (limitMs: number, system: System): Deadlines => {
  const running = new Set<{ readonly at: number; readonly late: () => void }>();
  let watching = false;

  const watch = async (): Promise<void> => {
    for (const next of running) {
      const left = next.at - system.monotonic();
      if (left > 0) {
        await system.sleep(left);
        // It may have ended meanwhile: whoever is first now has come later.
        if (!running.has(next)) continue;
      }
      running.delete(next);
      next.late();
    }
    watching = false;
  };

  return {
    start: (late) => {
      const entry = { at: system.monotonic() + limitMs, late };
      running.add(entry);
      if (!watching) {
        watching = true;
        void watch();
      }
      return () => running.delete(entry);
    },
  };
};
