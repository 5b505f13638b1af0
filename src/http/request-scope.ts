import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from 'koa';

/** Which request the program is working for: for faults that nobody caught. */
export interface RequestScope {
  /** All that this turn sets off from now on belongs to the request, until it has left or the next one begins. */
  begin(request: CurrentRequest): void;
  /** Undefined between requests, and for what goes on when its request has ended. */
  current(): Context | undefined;
}

/**
 * Whatever outlives a request remembers during which one it was made, a connection to Google as long as it lasts. It
 * remembers this much, and not the request: that is let go of at its end, with its body and all.
 */
export interface CurrentRequest {
  ctx: Context | undefined;
}

export const createRequestScope = (): RequestScope => {
  const storage = new AsyncLocalStorage<CurrentRequest>();
  return {
    // Not `run`: there is nothing to go back to, and to go there costs each request as much again.
    begin: (request) => {
      storage.enterWith(request);
    },
    current: () => storage.getStore()?.ctx,
  };
};
