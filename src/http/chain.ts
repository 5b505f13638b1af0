import type { Context, Next } from 'koa';

export type Step = (ctx: Context, next: Next) => Promise<unknown>;

/** Steps as one, each of which goes on to the next: put together once, where Koa's composition does it per request. */
export const chained = (steps: readonly Step[]): Step =>
  steps.reduceRight<Step>(
    (rest, step) => (ctx, next) => step(ctx, () => rest(ctx, next)),
    (_ctx, next) => next(),
  );
