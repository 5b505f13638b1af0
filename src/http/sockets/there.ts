/** Whether anybody is at the other end of a WebSocket: asked by pings, told by whatever comes. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { takenOf } from '../slow-readers.ts';

export interface There {
  /** From now on. */
  begin(): void;
  /** Asks, to be answered by the next time. False where nothing has come since the last one. */
  ask(): boolean;
}

/** `ws` knows it, and does not say it. */
interface OnSocket {
  readonly _socket: Socket;
}

/**
 * Any byte is an answer: in the middle of a long message nobody can say more. Nothing is read of who is held up. Who has
 * much to take before the question comes is there as long as some of that is taken: who is gone takes nothing more.
 */
export const createThere = (side: WebSocket): There => {
  const { _socket: socket } = side as unknown as OnSocket;
  const taken = (): number => takenOf(socket) ?? 0;
  let readBytes = -1;
  let takenBytes = 0;
  let [wasHeldUp, hadToTake] = [false, false];

  return {
    begin: () => {
      readBytes = -1;
    },
    ask: () => {
      const [isHeldUp, hasToTake] = [side.isPaused, side.bufferedAmount > 0];
      const takes = (hasToTake || hadToTake) && taken() > takenBytes;
      const isThere = isHeldUp || wasHeldUp || takes || socket.bytesRead > readBytes;
      if (side.readyState === side.OPEN) side.ping();
      readBytes = socket.bytesRead;
      takenBytes = taken();
      [wasHeldUp, hadToTake] = [isHeldUp, hasToTake];
      return isThere;
    },
  };
};
