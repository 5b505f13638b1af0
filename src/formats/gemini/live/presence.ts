/** Whether both sides of a session are still there, and have anything to say. */
import type { WebSocket } from 'ws';
import type { Deadline } from '../../../engine/deadlines.ts';
import type { ServerScope } from '../../../http/state.ts';

export interface Presence {
  /** Looks after this side, too; who has not been heard of is cut. */
  watch(side: WebSocket): void;
  /** Somebody has said something. */
  spoken(): void;
  end(): void;
}

/** Each side is asked; gone is who has not answered by the next time. */
const ASK_EVERY_MS = 30_000;
/** Without a message, either way. */
export const IDLE_MS = 10 * 60_000;

export const createPresence = (
  { deadlines, system }: Pick<ServerScope, 'deadlines' | 'system'>,
  idle: () => void,
): Presence => {
  const clock = deadlines(ASK_EVERY_MS);
  const sides = new Map<WebSocket, { isHeard: boolean }>();
  let spokenAt = system.monotonic();
  let next: Deadline | undefined;

  const ask = (): void => {
    if (system.monotonic() - spokenAt >= IDLE_MS) {
      idle();
      return;
    }
    for (const [side, standing] of sides) {
      // Nothing is read of who is held up, its answer neither.
      if (!standing.isHeard && !side.isPaused) side.terminate();
      standing.isHeard = side.isPaused;
      if (side.readyState === side.OPEN) side.ping();
    }
    next = clock.start(ask);
  };
  next = clock.start(ask);

  return {
    watch: (side) => {
      const standing = { isHeard: true };
      sides.set(side, standing);
      const hear = (): void => {
        standing.isHeard = true;
      };
      side.on('pong', hear).on('message', hear);
    },
    spoken: () => {
      spokenAt = system.monotonic();
    },
    end: () => {
      if (next) clock.stop(next);
    },
  };
};
