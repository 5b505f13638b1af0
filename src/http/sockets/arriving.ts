/** What has come of messages that are not complete: it counts as the bodies of requests do, in bytes and in time. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { failed, toRelayError } from '../../errors.ts';
import type { RelayError } from '../../errors.ts';
import type { Deadline } from '../../engine/deadlines.ts';
import type { ServerScope } from '../state.ts';

export interface Arriving {
  /** A message is complete: it is the reader's to count from now on. */
  complete(): void;
}

/** Mask and length, as a client sends them. */
const CONTROL_BYTES = 6;

export const watchArriving = (
  ws: WebSocket,
  socket: Socket,
  server: ServerScope,
  refuse: (error: RelayError) => void,
): Arriving => {
  const { bodies } = server;
  const clock = server.deadlines(server.receiveTimeoutMs);
  let bytes = 0;
  let deadline: Deadline | undefined;

  const set = (total: number): void => {
    bodies.give(bytes - total);
    bytes = total;
    if (bytes > 0 || !deadline) return;
    clock.stop(deadline);
    deadline = undefined;
  };
  const onControl = (payload: Buffer): void => {
    set(Math.max(0, bytes - CONTROL_BYTES - payload.length));
  };

  // Before the reader of frames, which tells of whole messages while it is given their last piece.
  socket.prependListener('data', (piece: Buffer) => {
    try {
      bodies.take(piece.length, bytes + piece.length);
    } catch (error) {
      refuse(toRelayError(error));
      return;
    }
    bytes += piece.length;
    deadline ??= clock.start(() => {
      refuse(failed('request_too_slow', 'The message arrived too slowly.'));
    });
  });
  ws.on('ping', onControl).on('pong', onControl);
  ws.on('close', () => {
    set(0);
  });
  return {
    complete: () => {
      set(0);
    },
  };
};
