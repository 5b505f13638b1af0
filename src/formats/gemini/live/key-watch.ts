/** Whether the key that opened a session still lets anybody in: a session outlives many requests. */
import type { Context } from 'koa';
import type { Deadline } from '../../../engine/deadlines.ts';

export interface KeyWatch {
  end(): void;
}

/** A change of keys is known within one second, and felt within another. */
const LOOK_EVERY_MS = 1000;

export const watchKey = (ctx: Pick<Context, 'state'>, fail: (thrown: unknown) => void): KeyWatch => {
  const { server } = ctx.state;
  const clock = server.deadlines(LOOK_EVERY_MS);
  let next: Deadline;
  const look = (): void => {
    next = clock.start(look);
    try {
      server.checkCaller(ctx);
    } catch (error) {
      fail(error);
    }
  };
  next = clock.start(look);
  return {
    end: () => {
      clock.stop(next);
    },
  };
};
