/** Remembers for `/health` when Google has lately refused the relay itself: the next request would fare no better. */
import { RelayError } from '../errors.ts';
import type { Layer } from '../gemini/call.ts';
import type { HealthStatus, StatusSource } from '../health.ts';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { forEverybody } from './sanitise.ts';

export interface RefusalWatch {
  readonly layer: Layer;
  readonly status: StatusSource;
  readonly forget: () => void;
}

/** After this long without a request nobody knows; a balancer that waits for health must get its chance. */
const MEMORY_MS = 300_000;

const STATUSES: ReadonlySet<string> = new Set<HealthStatus>(['account_ineligible', 'config_error', 'login_required']);

export interface RefusalWatchNeeds {
  /** What was refused to one login says nothing about the next. */
  readonly identity: () => string | undefined;
  /** Another part of the upstream has found trouble before, and told the log. */
  readonly isKnown: () => boolean;
  readonly system: Pick<System, 'monotonic'>;
  readonly log: Pick<Logger, 'error'>;
}

export const createRefusalWatch = ({ identity, isKnown, system, log }: RefusalWatchNeeds): RefusalWatch => {
  let refused: { readonly error: RelayError; readonly at: number; readonly identity: string | undefined } | undefined;

  const wentWell = <T>(result: T): T => {
    refused = undefined;
    return result;
  };
  const wentWrong = (error: unknown): never => {
    if (error instanceof RelayError && STATUSES.has(error.reason ?? '')) {
      if (refused?.error.message !== error.message && !isKnown()) {
        log.error('Google refuses the relay', { reason: error.reason, problem: error.message });
      }
      refused = { error, at: system.monotonic(), identity: identity() };
    }
    throw error;
  };

  return {
    layer: (inner) => ({
      ...inner,
      generate: (call, signal) => inner.generate(call, signal).then(wentWell, wentWrong),
      // What may count tokens may not answer yet: that a count goes well clears nothing.
      countTokens: (call, signal) => inner.countTokens(call, signal).catch(wentWrong),
      embed: (call, signal) => inner.embed(call, signal).then(wentWell, wentWrong),
    }),
    forget: () => {
      refused = undefined;
    },
    status: () => {
      const isFresh = refused?.identity === identity() && system.monotonic() - (refused?.at ?? 0) < MEMORY_MS;
      return refused && isFresh
        ? { status: refused.error.reason as HealthStatus, ...forEverybody(refused.error) }
        : { status: 'healthy', message: 'Ready.' };
    },
  };
};
