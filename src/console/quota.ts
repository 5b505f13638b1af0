/** What is left of the quota: asked of Google once a minute at most, and only while somebody looks. */
import type { System } from '../system.ts';
import type { Quota } from './status.ts';

export interface QuotaWatch {
  /** What is known. Asks anew where that is a minute old; only the very first look waits for it, and not for long. */
  look(): Promise<readonly Quota[]>;
  /** Without asking. */
  known(): readonly Quota[];
}

export interface QuotaNeeds {
  readonly read: (signal: AbortSignal) => Promise<readonly Quota[]>;
  readonly system: Pick<System, 'monotonic' | 'sleep'>;
}

const EVERY_MS = 60_000;
const LIMIT_MS = 20_000;
const FIRST_WAIT_MS = 1500;

export const createQuotaWatch = ({ read, system }: QuotaNeeds): QuotaWatch => {
  let known: readonly Quota[] = [];
  let askedAt: number | undefined;

  const ask = (): Promise<void> => {
    askedAt = system.monotonic();
    return read(AbortSignal.timeout(LIMIT_MS)).then(
      (found) => {
        known = found;
      },
      // Nothing hangs on it, and the doors tell of their trouble themselves. What is old would mislead.
      () => {
        known = [];
      },
    );
  };

  return {
    look: async () => {
      const isFirst = askedAt === undefined;
      if (askedAt === undefined || system.monotonic() - askedAt >= EVERY_MS) {
        const asking = ask();
        if (isFirst) await Promise.race([asking, system.sleep(FIRST_WAIT_MS)]);
      }
      return known;
    },
    known: () => known,
  };
};
