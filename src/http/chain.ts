import type { Context, Next } from 'koa';

/** A middleware as Koa takes it: it may wait or not, and answer in whichever way. */
export type Step<C = Context> = (ctx: C, next: Next) => unknown;

/** Whatever its steps do, it gives a promise, and never throws: so one may go on behind `next()` as in Koa. */
export type Chain<C = Context> = (ctx: C, next: Next) => Promise<unknown>;

/** Steps as one, each of which goes on to the next: put together once, where Koa's composition does it per request. */
export const chained = <C = Context>(steps: readonly Step<C>[]): Chain<C> =>
  steps.reduceRight<Chain<C>>(
    (rest, step) => (ctx, next) => {
      let isPassed = false;
      const goOn: Next = () => {
        if (isPassed) return Promise.reject(new Error('next() called multiple times'));
        isPassed = true;
        return rest(ctx, next);
      };
      try {
        return Promise.resolve(step(ctx, goOn));
      } catch (error) {
        return rejected(error);
      }
    },
    (_ctx, next) => next(),
  );

/** Anything may have been thrown, and goes on as it is. */
const rejected = async (thrown: unknown): Promise<never> => {
  await Promise.resolve();
  throw thrown;
};
