/**
 * Of answers on their way from Google, what is held until the rest of it comes: the beginning of a long event or of a whole
 * answer. All of it together is bounded, for hundreds of pictures may come at a time.
 */
import { Roll } from '../engine/roll.ts';
import type { Place } from '../engine/roll.ts';

export interface ArrivingRoom {
  /** For one answer. */
  open(): Arriving;
}

export interface Arriving {
  /** So much of it is held now. Where there is a promise, nothing more is to be read before it settles. */
  holds(bytes: number): Promise<void> | undefined;
  /** Nothing is held any more. Whoever waits goes on. */
  leave(): void;
}

/** Up to this nobody counts. */
export const FEW_BYTES = 64 * 1024;
/** What one goes on by until it asks again. */
const STEP_BYTES = 256 * 1024;

interface Holder {
  bytes: number;
  place: Place<Holder> | undefined;
  waiting: PromiseWithResolvers<void> | undefined;
}

export const createArrivingRoom = (limitBytes: number): ArrivingRoom => {
  /** Who came first goes on whatever is held: so one always does. */
  const holders = new Roll<Holder>();
  let used = 0;

  const goOn = (holder: Holder): void => {
    holder.waiting?.resolve();
    holder.waiting = undefined;
  };
  const letGoOn = (): void => {
    if (holders.first) goOn(holders.first.member);
    let spare = limitBytes - used;
    for (let place = holders.first; place && spare > 0; place = place.after) {
      if (!place.member.waiting) continue;
      goOn(place.member);
      spare -= STEP_BYTES;
    }
  };

  return {
    open: () => {
      const holder: Holder = { bytes: 0, place: undefined, waiting: undefined };
      const leave = (): void => {
        goOn(holder);
        if (!holder.place) return;
        holders.leave(holder.place);
        holder.place = undefined;
        used -= holder.bytes;
        holder.bytes = 0;
        letGoOn();
      };
      return {
        leave,
        holds: (bytes) => {
          if (bytes <= FEW_BYTES) {
            leave();
            return undefined;
          }
          used += bytes - holder.bytes;
          holder.bytes = bytes;
          holder.place ??= holders.enter(holder);
          if (used <= limitBytes || holders.first === holder.place) return undefined;
          holder.waiting ??= Promise.withResolvers();
          return holder.waiting.promise;
        },
      };
    },
  };
};
