import type { Context } from 'koa';
import type { Step } from './chain.ts';

/**
 * What a request meets on its way to the routes. It goes on at once (undefined) or when the promise is kept; or what is
 * given answers it, and it goes no further. A gate has nothing to do when the answer comes, so it needs no `next`.
 */
export type Gate = (ctx: Context) => Promise<void> | ((ctx: Context) => unknown) | undefined;

const goOn: Step = (_ctx, next) => next();

/** All of them in order, as one step with the one behind them. */
export const gated =
  <C extends Context>(gates: readonly Gate[], step: Step<C> = goOn, from = 0): Step<C> =>
  (ctx, next) => {
    for (let at = from; at < gates.length; at += 1) {
      const held = gates[at]?.(ctx);
      if (held === undefined) continue;
      if (typeof held === 'function') return held(ctx);
      return held.then(() => {
        stopIfOver(ctx);
        return gated(gates, step, at + 1)(ctx, next);
      });
    }
    return step(ctx, next);
  };

/** Who had to wait may have left meanwhile. */
const stopIfOver = ({ state: { signal } }: Context): void => {
  if (signal.aborted) throw signal.reason;
};
