import type { System } from '../system.ts';

/** One and the same time limit for many, for the price of one timer: who came first is late first. */
export interface Deadlines {
  /** Calls `late` when the time is over, unless the returned function was called before. */
  start(late: () => void): () => void;
}

interface Entry {
  readonly at: number;
  readonly late: () => void;
}

export const createDeadlines = (limitMs: number, system: System): Deadlines => {
  const running = new Set<Entry>();
  let watching = false;

  /** Asked for anew each time: an iterator that lives on would keep every table that the set ever outgrew. */
  const first = (): Entry | undefined => running.values().next().value;

  const watch = async (): Promise<void> => {
    for (let next = first(); next; next = first()) {
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

/** For each limit one clock, made when it is first asked for. Limits come from the configuration: there are few. */
export const sharedDeadlines = (system: System): ((limitMs: number) => Deadlines) => {
  const known = new Map<number, Deadlines>();
  return (limitMs) => {
    const deadlines = known.get(limitMs) ?? createDeadlines(limitMs, system);
    known.set(limitMs, deadlines);
    return deadlines;
  };
};
