/** What is wrong with a store, said to its owner: once, and what comes and goes at most once a minute. */
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { isPassing, StoreError, wayOut } from './database.ts';
import type { StoreTrouble } from './database.ts';
import type { StoreAddress, StoreState } from './store.ts';

export interface TroubleTeller {
  readonly current: StoreTrouble | undefined;
  /** Undefined where nothing is wrong. */
  state(): StoreState | undefined;
  found(error: unknown): void;
  over(): void;
}

export interface TroubleTellerNeeds {
  readonly system: Pick<System, 'monotonic'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

const SAY_AGAIN_MS = 60_000;

export const createTroubleTeller = (
  kind: Exclude<StoreAddress['kind'], 'none'>,
  { system, log }: TroubleTellerNeeds,
): TroubleTeller => {
  const saidAt = new Map<StoreTrouble, number>();
  let current: StoreTrouble | undefined;
  /** Since it was well: then its end is said, too. */
  let said: StoreTrouble | undefined;

  const waysOut = (trouble: StoreTrouble): string | undefined =>
    isPassing(trouble) ? wayOut(kind, trouble) : undefined;

  return {
    get current() {
      return current;
    },
    state: () =>
      current === undefined
        ? undefined
        : { ok: false, trouble: current, message: waysOut(current) ?? 'The log has the details.' },
    found: (error) => {
      const trouble = error instanceof StoreError ? error.trouble : 'mistake';
      current = trouble;
      const now = system.monotonic();
      if (trouble === said || now - (saidAt.get(trouble) ?? -Infinity) < SAY_AGAIN_MS) return;
      saidAt.set(trouble, now);
      said = trouble;
      log.warn('store in trouble', { store: kind, trouble, error, fix: waysOut(trouble) });
    },
    over: () => {
      if (said !== undefined) log.info('store is back', { store: kind });
      current = undefined;
      said = undefined;
    },
  };
};
