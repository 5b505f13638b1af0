import type { System } from '../system.ts';

/** R15: in any 60 seconds no more retries than 10 and a tenth of the requests, so that a dead Google sees no storm. */
export interface RetryBudget {
  /** A request begins. */
  request(): void;
  /** Whether one more retry may be made; counts it. */
  retry(): boolean;
}

const WINDOW_SECONDS = 60;
const FREE_RETRIES = 10;
const SHARE = 0.1;

/** Counts by the second in a ring; the second in progress and the sixty before it are looked at. */
export const createRetryBudget = (system: System): RetryBudget => {
  const slots = Array.from({ length: WINDOW_SECONDS + 1 }, () => ({ second: -Infinity, requests: 0, retries: 0 }));

  const current = (): { second: number; requests: number; retries: number } => {
    const second = Math.floor(system.monotonic() / 1000);
    const index = second % slots.length;
    const slot = slots[index];
    if (slot?.second === second) return slot;
    const fresh = { second, requests: 0, retries: 0 };
    slots[index] = fresh;
    return fresh;
  };

  return {
    request: () => {
      current().requests += 1;
    },
    retry: () => {
      const now = current();
      let requests = 0;
      let retries = 0;
      for (const slot of slots) {
        if (slot.second < now.second - WINDOW_SECONDS) continue;
        requests += slot.requests;
        retries += slot.retries;
      }
      if (retries + 1 > FREE_RETRIES + SHARE * requests) return false;
      now.retries += 1;
      return true;
    },
  };
};
