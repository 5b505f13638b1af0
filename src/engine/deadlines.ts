import { setImmediate as turn } from 'node:timers/promises';
import { fail } from './joint-work.ts';
import { Roll } from './roll.ts';
import type { Place } from './roll.ts';
import type { System } from '../system.ts';

/** One and the same time limit for many, for the price of one timer: who came first is late first. */
export interface Deadlines {
  readonly limitMs: number;
  /** Calls `late` when the time is over, unless it is stopped before. */
  start(late: () => void): Deadline;
  stop(deadline: Deadline): void;
}

export type Timing = Pick<System, 'monotonic' | 'sleep'>;

export type Deadline = Place<{ readonly at: number; readonly late: () => void }>;

export const createDeadlines = (limitMs: number, system: Timing): Deadlines => {
  const running = new Roll<Deadline['member']>();
  let watching = false;

  /** Ends those whose time is over. How long the next one has; undefined where there is none. */
  const endLate = (): number | undefined => {
    for (let next = running.first; next; next = running.first) {
      const leftMs = next.member.at - system.monotonic();
      if (leftMs > 0) return leftMs;
      running.leave(next);
      try {
        next.member.late();
      } catch (error) {
        // A fault of its own, and told as one: those behind it are late all the same.
        setImmediate(fail, error);
      }
    }
    return undefined;
  };

  const watch = async (): Promise<void> => {
    for (let leftMs = endLate(); leftMs !== undefined; leftMs = endLate()) {
      await system.sleep(leftMs);
      // What came in while the program was busy with something else is in time: it is read in this turn.
      await turn();
    }
    watching = false;
  };

  return {
    limitMs,
    start: (late) => {
      const place = running.enter({ at: system.monotonic() + limitMs, late });
      if (!watching) {
        watching = true;
        void watch();
      }
      return place;
    },
    stop: (deadline) => {
      running.leave(deadline);
    },
  };
};

/** For each limit one clock, made when it is first asked for. Limits come from the configuration: there are few. */
export const sharedDeadlines = (system: Timing): ((limitMs: number) => Deadlines) => {
  const known = new Map<number, Deadlines>();
  return (limitMs) => {
    const found = known.get(limitMs);
    if (found) return found;
    const made = createDeadlines(limitMs, system);
    known.set(limitMs, made);
    return made;
  };
};
