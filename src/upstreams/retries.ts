/** Layer: tries again what may go well the next time, and only while nothing of the answer has been passed on (R15, R16). */
import { RelayError } from '../errors.ts';
import { emptyAnswer } from '../errors/answers.ts';
import type { Call, Layer } from '../gemini/call.ts';
import type { System } from '../system.ts';
import { openAnswer } from './first-chunk.ts';
import type { OpenedAnswer } from './first-chunk.ts';
import { createRetryBudget } from './retry-budget.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface RetryNeeds {
  /** Read after each failure: it may change. */
  readonly maxRetries: number;
  /** Of all doors. */
  readonly budget?: RetryBudget | undefined;
  /** Told of each try beyond the first. */
  readonly retried?: ((door: string | undefined, reason: string) => void) | undefined;
  readonly system: System;
  readonly log: { debug(message: string, fields?: object): void };
}

const SHORT_WAIT_MS = 10_000;
const ALL_WAITS_MS = 20_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;

export const withRetries =
  (needs: RetryNeeds): Layer =>
  (inner) => {
    const { system, log } = needs;
    const budget = needs.budget ?? createRetryBudget(system);

    /** After each failure: throws it where nothing is to be hoped for, else waits. */
    const createPatience = (signal: AbortSignal, asked?: Asked): ((error: unknown) => Promise<void>) => {
      const { record, visit } = asked ?? {};
      const spent = visit?.retries ?? 0;
      let tries = 0;
      let waitedMs = visit?.waitedMs ?? 0;
      return async (error) => {
        tries += 1;
        if (signal.aborted || !(error instanceof RelayError)) throw error;
        if (tries >= Math.min(error.tries, needs.maxRetries + 1 - spent)) throw error;
        if (visit?.isWorthAnotherTry(error) === false) throw error;
        const waitMs = waitBefore(error, tries, system);
        if (waitedMs + waitMs > ALL_WAITS_MS || !budget.retry()) throw error;
        const why = error.reason ?? error.code;
        log.debug('a call to Google is tried again', { reason: why, tries, waitMs });
        needs.retried?.(record?.door, why);
        waitedMs += waitMs;
        if (visit) {
          visit.retries = spent + tries;
          visit.waitedMs = waitedMs;
        }
        if (record) record.retries = spent + tries;
        await system.sleep(waitMs, signal);
        if (visit?.isStillOpen() === false) throw error;
      };
    };

    const persist = async <T>(signal: AbortSignal, attempt: () => Promise<T>, asked?: Asked): Promise<T> => {
      budget.request();
      let patience: ReturnType<typeof createPatience> | undefined;
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          patience ??= createPatience(signal, asked);
          await patience(error);
        }
      }
    };

    return {
      // Nearly always the first attempt is the only one: nothing is made for others before it has failed.
      generate: async (call, signal) => {
        budget.request();
        let patience: ReturnType<typeof createPatience> | undefined;
        /** An answer that said nothing: it is passed on where no other is better. */
        let blank: OpenedAnswer | undefined;
        for (;;) {
          let failure: unknown;
          try {
            const opening = openAnswer(await inner.generate(call, signal), call.native);
            const opened = opening instanceof Promise ? await opening : opening;
            if (!opened.isBlank || blank) {
              if (blank) await blank.close();
              return opened.answer;
            }
            blank = opened;
            failure = emptyAnswer();
          } catch (error) {
            failure = error;
          }
          try {
            patience ??= createPatience(signal, call);
            await patience(failure);
          } catch (error) {
            if (blank && !signal.aborted) return blank.answer;
            throw error;
          }
        }
      },
      countTokens: (call, signal) => persist(signal, () => inner.countTokens(call, signal), call),
      embed: (call, signal) => persist(signal, () => inner.embed(call, signal), call),
      models: (signal) => persist(signal, () => inner.models(signal)),
    };
  };

type Asked = Pick<Call, 'record' | 'visit'>;

const waitBefore = (error: RelayError, tries: number, system: System): number => {
  const asked = error.retryAfterMs;
  if (asked !== undefined && asked <= SHORT_WAIT_MS) return asked * (1 + system.random() / 10);
  return system.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
};
