import { vi } from 'vitest';

/** Longer than any machine takes: how soon something comes is no promise unless the test measures it. */
const LONGEST_MS = 30_000;

/** Asks until it is well. */
export const eventually = <Found>(check: () => Found | Promise<Found>, everyMs = 50): Promise<Found> =>
  vi.waitFor(check, { timeout: LONGEST_MS, interval: everyMs });
