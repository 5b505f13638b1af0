/**
 * A client that has said all it has to say may close its half of the connection and wait for the answer. One that has left
 * closes the same half: the difference only shows when something is written, which who has left answers with a reset.
 */
import type { ServerResponse } from 'node:http';
import type { System } from '../system.ts';

/** An answer that is under way. */
export interface Waited {
  readonly res: ServerResponse;
  /** Writes something that means nothing, where the answer has begun. */
  readonly pulse: () => void;
}

/** The reset is noticed by the second write: both within the 100 ms in which a client that left is known to have left. */
const FIRST_MS = 25;
const SECOND_MS = 20;
const LONGEST_MS = 15_000;

/** Until the answer is over, one way or the other. */
export const askWhetherThere = async ({ res, pulse }: Waited, system: Pick<System, 'sleep'>): Promise<void> => {
  for (let waitMs = FIRST_MS, next = SECOND_MS; ; waitMs = next, next = Math.min(next * 2, LONGEST_MS)) {
    await system.sleep(waitMs);
    if (res.closed || res.writableEnded) return;
    if (res.headersSent) pulse();
    else if (res.req.httpVersionMinor > 0) res.writeContinue();
    // Older clients know no answer before the answer.
    else res.destroy();
  }
};
