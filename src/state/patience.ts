/** Asks the state again while it is there and busy. */
import type { System } from '../system.ts';
import { StateAway } from './state.ts';
import type { State } from './state.ts';

export interface Patience {
  /** Undefined where nobody answered. */
  readonly unlessAway: <Value>(ask: () => Promise<Value>) => Promise<Value | undefined>;
  /** Beside the requests: it may be back by then. */
  readonly soon: <Value>(ask: () => Promise<Value>) => Promise<Value | undefined>;
}

/** A Redis that is there and busy gets so much more, since without it such a request fails. */
const BUSY_MS = 300;
const SOON_MS = 5000;
const AGAIN_MS = 20;

export const createPatience = (state: Pick<State, 'health'>, system: Pick<System, 'sleep' | 'monotonic'>): Patience => {
  const askFor = async <Value>(
    withinMs: number,
    isHopeless: () => boolean,
    ask: () => Promise<Value>,
  ): Promise<Value | undefined> => {
    const until = system.monotonic() + withinMs;
    for (let waitMs = AGAIN_MS; ; waitMs *= 2) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StateAway)) throw error;
        if (isHopeless() || system.monotonic() + waitMs > until) return undefined;
        await system.sleep(waitMs);
      }
    }
  };
  return {
    unlessAway: (ask) => askFor(BUSY_MS, () => !state.health().ok, ask),
    soon: (ask) => askFor(SOON_MS, () => false, ask),
  };
};
