/** Whether both sides of a session are still there, and have anything to say. */
import type { WebSocket } from 'ws';
import type { Deadline } from '../../../engine/deadlines.ts';
import { createThere } from '../../../http/sockets/there.ts';
import type { There } from '../../../http/sockets/there.ts';
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
  const sides = new Map<WebSocket, There>();
  let spokenAt = system.monotonic();
  let next: Deadline | undefined;

  const ask = (): void => {
    if (system.monotonic() - spokenAt >= IDLE_MS) {
      idle();
      return;
    }
    for (const [side, there] of sides) if (!there.ask()) side.terminate();
    next = clock.start(ask);
  };
  next = clock.start(ask);

  return {
    watch: (side) => {
      sides.set(side, createThere(side));
    },
    spoken: () => {
      spokenAt = system.monotonic();
    },
    end: () => {
      if (next) clock.stop(next);
    },
  };
};
