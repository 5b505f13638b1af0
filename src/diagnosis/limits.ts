/** Time for what asks the network: so much for each check, so much for all. */
import { abortable } from '../credentials/token-keeper.ts';
import { fail, fromError, spell } from './check.ts';
import type { Finding } from './check.ts';

export interface Limits {
  readonly checkMs: number;
  readonly allMs: number;
}

export const LIMITS: Limits = { checkMs: 10_000, allMs: 60_000 };

/** What a check does within its time. A finding in any case: what is thrown is one, too. */
export type Timed = <T extends Finding>(
  task: (signal: AbortSignal) => Promise<T>,
  orElse?: string,
) => Promise<Finding | T>;

const LOOK_AGAIN = 'Check the network, DNS, proxy and firewall of this machine, then run this again.';

export const createTimed = ({ checkMs, allMs }: Limits): Timed => {
  const overall = AbortSignal.timeout(allMs);
  return async (task, orElse = LOOK_AGAIN) => {
    const signal = AbortSignal.any([overall, AbortSignal.timeout(checkMs)]);
    try {
      return await abortable(task(signal), signal);
    } catch (error) {
      if (!signal.aborted) return fromError(error, orElse);
      return overall.aborted
        ? fail(`no time was left: all checks together took ${spell(allMs)}`, orElse)
        : fail(`no answer within ${spell(checkMs)}`, orElse);
    }
  };
};
