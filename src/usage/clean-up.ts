/** Takes away what is older than it may be, in steps so small that nobody who writes has to wait. */
import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';
import type { Value } from '../store/database.ts';
import { DAY_MS, dayOf } from './day-sums.ts';
import { firstPlace } from './request-row.ts';

/** How long the sums of a day stay. */
export const SUMS_DAYS = 400;

export interface CleanUpNeeds {
  readonly store: Pick<Store, 'write'>;
  readonly system: System;
  readonly keepDays: () => number;
  readonly signal: AbortSignal;
}

const FIRST_AFTER_MS = 30_000;
const EVERY_MS = 600_000;
const STEP_ROWS = 500;
const BETWEEN_STEPS_MS = 50;
/** A batch is tried again for as long as a relay runs; that it was written is remembered for so long. */
const BATCHES_MS = 7 * DAY_MS;

/** Until the signal says so. What the store refuses is tried again the next time. */
export const cleanUp = async (needs: CleanUpNeeds): Promise<void> => {
  const { system, signal } = needs;
  const pause = (ms: number): Promise<boolean> =>
    system.sleep(ms, signal).then(
      () => true,
      () => false,
    );
  // Not all relays of a database at once.
  for (let waitMs = FIRST_AFTER_MS * (1 + system.random()); await pause(waitMs); waitMs = EVERY_MS) {
    // The store has told of it.
    await cleanUpOnce(needs).catch(() => undefined);
  }
};

export const cleanUpOnce = async ({ store, system, keepDays, signal }: CleanUpNeeds): Promise<void> => {
  const now = system.now();
  const takeAway = async (table: string, id: string, isOld: string, before: Value): Promise<void> => {
    const sql = `DELETE FROM ${table} WHERE ${id} IN (SELECT ${id} FROM ${table} WHERE ${isOld} LIMIT ${STEP_ROWS})`;
    for (;;) {
      const [changed = 0] = await store.write([{ sql, values: [before] }]);
      if (changed < STEP_ROWS) return;
      await system.sleep(BETWEEN_STEPS_MS, signal);
    }
  };
  await takeAway('requests', 'place', 'place < ?', firstPlace(oldestTime(now, keepDays())));
  await takeAway('batches', 'id', 'time < ?', now - BATCHES_MS);
  await store.write([{ sql: 'DELETE FROM day_sums WHERE day < ?', values: [oldestDay(now)] }]);
};

/** Of single requests: what is older is not listed, whenever it is deleted. */
export const oldestTime = (now: number, keepDays: number): number => now - keepDays * DAY_MS;

export const oldestDay = (now: number): string => dayOf(now - SUMS_DAYS * DAY_MS);
