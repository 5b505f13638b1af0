/** What a failure says about the door that it came from: why it is to be spared, how much of it, and until when. */
import { RelayError } from '../errors.ts';
import { isObject } from '../json.ts';
import { troubleWith } from '../reasons.ts';
import type { DoorCause, DoorPart } from '../reasons.ts';
import { isPerDay, readDetails } from './google-details.ts';
import type { NewDay } from './new-day.ts';

export interface Trouble {
  readonly cause: DoorCause;
  readonly scope: DoorPart;
  /** How long Google says that it lasts. */
  readonly waitMs: number | undefined;
}

/** Undefined where the door is as good as before: the request was at fault, or nobody's door was asked. */
export const troubleOf = (error: unknown): Trouble | undefined => {
  if (!(error instanceof RelayError) || error.doorCause === undefined) return undefined;
  const { doorCause: cause, retryAfterMs } = error;
  // Beside a quota of the day Google tells a wait of seconds, in which nothing changes.
  const waitMs = cause === 'daily_quota' && isOfDay(error) ? undefined : retryAfterMs;
  return { cause, scope: troubleWith(cause).cools, waitMs };
};

/** Until when it closes the door, at failure number `failures` in a row; Infinity until its owner says otherwise. */
export const closedUntil = (
  { cause, waitMs }: Pick<Trouble, 'cause' | 'waitMs'>,
  failures: number,
  now: number,
  newDay: NewDay,
): number => {
  const { closing } = troubleWith(cause);
  if ('until' in closing) {
    if (closing.until === 'reset') return Infinity;
    return cause === 'daily_quota' && waitMs !== undefined && waitMs > LONGEST_MINUTE_MS ? now + waitMs : newDay(now);
  }
  const { firstMs, longestMs } = closing;
  if (longestMs === undefined) return now + (waitMs ?? firstMs);
  const backOffMs = firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS);
  return now + Math.min(Math.max(backOffMs, waitMs ?? 0), longestMs);
};

/** A wait beyond it is one for a new day, told by Code Assist to the second. */
const LONGEST_MINUTE_MS = 60_000;

const MOST_DOUBLINGS = 16;

const isOfDay = ({ details }: RelayError): boolean =>
  readDetails({ code: undefined, status: undefined, message: '', details: details.filter(isObject) }, 0).quotaIds.some(
    isPerDay,
  );
