import { failed } from '../errors.ts';
import type { RelayError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';

const WINDOW_MS = 60_000;
const MAX_IN_WINDOW = 10;

export interface CrashNeeds {
  readonly log: Logger;
  readonly system: System;
  /** Answers the request during which it happened. */
  readonly failCurrent: (error: RelayError) => void;
  /** Too many in a minute: something is broken for good, and a fresh start is the better bet. */
  readonly giveUp: () => void;
}

/** What to do about an error that nobody caught: one line, an answer for the request, and on with the rest. */
export const createCrashGuard = ({ log, system, failCurrent, giveUp }: CrashNeeds): ((thrown: unknown) => void) => {
  const times: number[] = [];
  return (thrown) => {
    const errorId = system.newId('err_');
    log.error('uncaught error', { errorId, error: thrown instanceof Error ? thrown : `thrown: ${typeof thrown}` });
    failCurrent(
      failed('internal_error', `The relay failed on this request; its log has the details under ${errorId}.`),
    );
    const now = system.monotonic();
    times.push(now);
    while (times[0] !== undefined && now - times[0] > WINDOW_MS) times.shift();
    if (times.length > MAX_IN_WINDOW) giveUp();
  };
};
