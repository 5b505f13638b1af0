/** One direction of a session: message after message in its order, no faster than the other side takes them. */
import type { WebSocket } from 'ws';
import type { MemoryBudget } from '../../../http/memory-budget.ts';

export interface Direction {
  take(message: Buffer, isBinary: boolean): void;
  /** Nothing of it is sent any more. */
  end(): void;
}

export interface DirectionNeeds {
  /** Undefined as long as there is no such side. */
  readonly from: () => WebSocket | undefined;
  readonly to: () => WebSocket | undefined;
  readonly bodies: Pick<MemoryBudget, 'take' | 'give'>;
  /** What is sent in its place; undefined: nothing. Others wait as long as it waits. */
  readonly look: (message: Buffer) => Buffer | undefined | Promise<Buffer | undefined>;
  readonly fail: (error: unknown) => void;
}

interface Waiting {
  readonly message: Buffer;
  readonly isBinary: boolean;
}

/** What is on its way, or waits to be looked at. With more of it nothing more is read, until most of it is gone. */
const MOST_BYTES = 1024 * 1024;
const FEW_BYTES = 256 * 1024;

export const createDirection = ({ from, to, bodies, look, fail }: DirectionNeeds): Direction => {
  const waiting: Waiting[] = [];
  let heldBytes = 0;
  let isBusy = false;
  let isPaused = false;
  let isOver = false;

  /** What is there to be read is read no further while something waits, or much is on its way. */
  const regulate = (): void => {
    const side = from();
    const isTooMuch = isBusy || heldBytes > (isPaused ? FEW_BYTES : MOST_BYTES);
    if (!side || isTooMuch === isPaused) return;
    isPaused = isTooMuch;
    if (isTooMuch) side.pause();
    else side.resume();
  };
  const hold = (bytes: number): void => {
    bodies.take(bytes, heldBytes + bytes);
    heldBytes += bytes;
  };
  const release = (bytes: number): void => {
    if (isOver) return;
    bodies.give(bytes);
    heldBytes -= bytes;
    regulate();
  };
  const send = (message: Buffer, isBinary: boolean): void => {
    const side = to();
    if (isOver || !side || side.readyState !== side.OPEN) return;
    hold(message.length);
    side.send(message, { binary: isBinary }, () => {
      release(message.length);
    });
  };

  /** Those that come meanwhile wait behind it. */
  const sendSeen = async (first: Promise<Buffer | undefined>, isFirstBinary: boolean): Promise<void> => {
    isBusy = true;
    regulate();
    let [seen, isBinary] = [first, isFirstBinary];
    for (;;) {
      const message = await seen;
      if (message) send(message, isBinary);
      const next = isOver ? undefined : waiting.shift();
      if (!next) break;
      release(next.message.length);
      seen = Promise.resolve(look(next.message));
      ({ isBinary } = next);
    }
    isBusy = false;
    regulate();
  };

  const takeNow = (message: Buffer, isBinary: boolean): void => {
    if (isBusy) {
      hold(message.length);
      waiting.push({ message, isBinary });
      return;
    }
    const seen = look(message);
    if (seen instanceof Promise) void sendSeen(seen, isBinary).catch(fail);
    else if (seen) send(seen, isBinary);
    regulate();
  };

  return {
    take: (message, isBinary) => {
      if (isOver) return;
      try {
        takeNow(message, isBinary);
      } catch (error) {
        fail(error);
      }
    },
    end: () => {
      isOver = true;
      // What is read now is its goodbye.
      if (isPaused) from()?.resume();
      bodies.give(heldBytes);
      heldBytes = 0;
      waiting.length = 0;
    },
  };
};
