/** `GET /v1/usage`: what a key may use, has used, and has left. It uses up nothing itself. */
import type { Middleware } from 'koa';
import type { Caller } from '../callers/caller.ts';
import { perLimit } from '../callers/limits.ts';
import type { LimitName, Limits } from '../callers/limits.ts';
import { sendJson } from '../http/respond.ts';
import type { System } from '../system.ts';
import type { Counters } from './counters.ts';
import { toTime } from './key.ts';
import type { ClientKey } from './key.ts';
import { createCalendar } from './spans.ts';

export interface UsageNeeds {
  readonly counters: Counters;
  readonly keyOf: (id: string) => ClientKey | undefined;
  /** Of all that came with the key of this name; null where it cannot be read. */
  readonly sumsOf: (name: string, from: number, to: number) => Promise<UsageSums | null>;
  readonly system: Pick<System, 'now'>;
}

export interface UsageSums {
  readonly requests: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly thought_tokens: number;
  readonly cost_usd: number | null;
}

const NO_LIMITS: Limits = perLimit(() => null);

export const createUsageRoute = ({ counters, keyOf, sumsOf, system }: UsageNeeds): Middleware => {
  const spansAt = createCalendar();

  return async (ctx) => {
    const { caller } = ctx.state;
    const now = system.now();
    const { day, month } = spansAt(now);
    const limits = caller.limits ?? NO_LIMITS;
    const left = (limit: LimitName): number | null => {
      const most = limits[limit];
      return most === null ? null : Math.max(0, most - counters.useOf(caller.id, limit).used);
    };
    const key = keyOf(caller.id);
    // Another may have had its name before.
    const since = (time: string): number => Math.max(Date.parse(time), key?.createdAt ?? 0);
    const [today, thisMonth] = await Promise.all([
      sumsOf(caller.name, since(day.name), day.endsAt),
      sumsOf(caller.name, since(`${month.name}-01`), month.endsAt),
    ]);
    const answer = {
      key: { name: caller.name, prefix: key?.prefix ?? null },
      limits,
      remaining: perLimit(left),
      resets: perLimit((limit) => (limits[limit] === null ? null : resetOf(counters, caller, limit))),
      today,
      month: thisMonth,
    };
    sendJson(ctx, JSON.stringify(answer));
  };
};

const resetOf = (counters: Counters, { id }: Caller, limit: LimitName): string | null =>
  toTime(counters.useOf(id, limit).resetsAt ?? null);
