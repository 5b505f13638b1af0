import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from 'koa';

/** In the doing of which request the program is: for faults that nobody caught. */
export interface Doings {
  /** All that `work` sets off belongs to the request, until it has left. */
  run<T>(doing: Doing, work: () => T): T;
  /** Undefined between requests, and for what goes on when its request has ended. */
  current(): Context | undefined;
}

/**
 * Whatever outlives a request remembers in whose doing it was made, a connection to Google as long as it lasts. It
 * remembers this much, and not the request: that is let go of at its end, with its body and all.
 */
export interface Doing {
  ctx: Context | undefined;
}

export const createDoings = (): Doings => {
  const storage = new AsyncLocalStorage<Doing>();
  return {
    run: (doing, work) => storage.run(doing, work),
    current: () => storage.getStore()?.ctx,
  };
};
