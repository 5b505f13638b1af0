/**
 * Asks Google now and then about doors that no time opens (a bad key, no billing, no permission): its owner may have put
 * them right at Google, where the relay sees nothing of it. One at a time and seldom, however many there are.
 */
import type { System } from '../../system.ts';
import { WHOLE } from '../cooldown/cooldown.ts';
import type { Cooldown, DoorChange } from '../cooldown/cooldown.ts';
import type { DoorControl } from './control.ts';

export interface ProbeNeeds {
  readonly cooldown: Pick<Cooldown, 'onChange' | 'entries'>;
  readonly check: DoorControl['check'];
  readonly system: Pick<System, 'sleep' | 'monotonic'>;
  readonly log: { info(message: string, fields?: object): void };
}

/** Between two questions, whichever doors they are about. */
const PACE_MS = 10_000;
/** After a door was closed; doubled each time that it still is. */
const FIRST_WAIT_MS = 5 * 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;
const LIMIT_MS = 30_000;

/** Runs only while there is such a door. Returns how to end it. */
export const probeDoors = ({ cooldown, check, system, log }: ProbeNeeds): (() => void) => {
  const ending = new AbortController();
  /** By the doors' ids. */
  const waits = new Map<string, { dueAt: number; waitMs: number }>();
  /** Doors that a token count has opened: where answers are refused all the same, the next count is no sooner for it. */
  const hopes = new Map<string, { at: number; waitMs: number }>();
  let running = false;

  const look = (): string | undefined => {
    let first: string | undefined;
    let firstDueAt = system.monotonic();
    for (const [door, { dueAt }] of waits) if (dueAt <= firstDueAt) [first, firstDueAt] = [door, dueAt];
    return first;
  };

  const probe = async (door: string): Promise<void> => {
    const waiting = waits.get(door);
    if (!waiting) return;
    waiting.waitMs = Math.min(waiting.waitMs * 2, LONGEST_WAIT_MS);
    waiting.dueAt = system.monotonic() + waiting.waitMs;
    hopes.set(door, { at: system.monotonic(), waitMs: waiting.waitMs });
    const found = await check(door, AbortSignal.any([ending.signal, AbortSignal.timeout(LIMIT_MS)]))?.catch(
      () => undefined,
    );
    if (found?.ok === true) log.info('a door is open again', { door });
    else hopes.delete(door);
  };

  const run = async (): Promise<void> => {
    running = true;
    try {
      while (waits.size > 0) {
        await system.sleep(PACE_MS, ending.signal);
        const door = look();
        if (door !== undefined) await probe(door);
      }
    } catch {
      // The relay ends.
    } finally {
      running = false;
    }
  };

  const hopeOf = (door: string): number | undefined => {
    const hope = hopes.get(door);
    hopes.delete(door);
    return hope && system.monotonic() - hope.at < LONGEST_WAIT_MS ? hope.waitMs : undefined;
  };

  const note = ({ door, model, closing, isOff }: DoorChange, firstMs: number): void => {
    if (model !== WHOLE) return;
    if (isOff || closing?.until !== Infinity) {
      waits.delete(door);
      return;
    }
    if (!waits.has(door)) {
      const waitMs = hopeOf(door) ?? firstMs;
      waits.set(door, { dueAt: system.monotonic() + waitMs, waitMs });
    }
    if (!running) void run();
  };

  // What was found before a restart may have been the reason for it.
  for (const known of cooldown.entries()) note(known, PACE_MS);
  const stop = cooldown.onChange((change) => {
    note(change, FIRST_WAIT_MS);
  });
  return () => {
    stop();
    ending.abort();
    waits.clear();
    hopes.clear();
  };
};
