/** What is known of one door, or of one of its models, after a failure. */
import { troubleWith } from '../../reasons.ts';
import type { DoorCause } from '../../reasons.ts';

export interface Closing {
  readonly cause: DoorCause;
  /** It is closed from then until then: a clock that was set back opens it. */
  readonly from: number;
  /** Infinity: until its owner, or an answer, says otherwise. */
  readonly until: number;
  /** In a row. */
  readonly failures: number;
}

export type DoorState =
  | { readonly state: 'ok' }
  | { readonly state: 'cooling'; readonly cause: DoorCause; readonly until: number; readonly failures: number }
  /** Open again, and not yet known to be well. */
  | { readonly state: 'failing'; readonly cause: DoorCause; readonly failures: number }
  | { readonly state: 'invalid'; readonly cause: DoorCause }
  /** By its owner. */
  | { readonly state: 'off' };

export const OK: DoorState = { state: 'ok' };
export const OFF: DoorState = { state: 'off' };

export const isClosed = ({ from, until }: Closing, now: number): boolean => now >= from && now < until;

/** A quota is there again when its time has come; of everything else that is only a hope. */
export const isOver = (closing: Closing, now: number): boolean =>
  !isClosed(closing, now) && (troubleWith(closing.cause).isQuota === true || now >= closing.until + FORGOTTEN_MS);

/** So long after its end a failure tells nothing any more. */
const FORGOTTEN_MS = 10 * 60_000;

/** Until when the state keeps anybody out; 0 where it does not. */
export const closedTo = (state: DoorState): number => {
  switch (state.state) {
    case 'cooling':
      return state.until;
    case 'invalid':
    case 'off':
      return Infinity;
    default:
      return 0;
  }
};

export const stateOf = (closing: Closing | undefined, now: number): DoorState => {
  if (!closing || isOver(closing, now)) return OK;
  const { cause, until, failures } = closing;
  if (until === Infinity) return { state: 'invalid', cause };
  return isClosed(closing, now) ? { state: 'cooling', cause, until, failures } : { state: 'failing', cause, failures };
};
