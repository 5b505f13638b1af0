/** Remembers for `/health` when Google has lately refused the relay itself: the next request would fare no better. */
import { RelayError } from '../errors.ts';
import type { Layer } from '../gemini/call.ts';
import type { HealthStatus, StatusSource } from '../health.ts';
import type { System } from '../system.ts';

export interface StandingWatch {
  readonly layer: Layer;
  readonly status: StatusSource;
}

/** After this long without a request nobody knows; a balancer that waits for health must get its chance. */
const MEMORY_MS = 300_000;

const STATUSES: Readonly<Record<string, readonly [HealthStatus, string]>> = {
  account_ineligible: ['account_ineligible', "Google refuses the relay's account; the log and the answers say why."],
  config_error: ['config_error', "Google refuses the relay's key or project; the log and the answers say why."],
  login_required: ['login_required', 'The login lacks a permission. Log in anew with `npm run login -- --force`.'],
};

/** What was refused to one login says nothing about the next: `identity` tells them apart. */
export const createStandingWatch = (
  system: Pick<System, 'monotonic'>,
  identity: () => string | undefined,
): StandingWatch => {
  let refused: { readonly reason: string; readonly at: number; readonly identity: string | undefined } | undefined;

  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      refused = undefined;
      return result;
    } catch (error) {
      if (error instanceof RelayError && error.reason !== undefined && Object.hasOwn(STATUSES, error.reason)) {
        refused = { reason: error.reason, at: system.monotonic(), identity: identity() };
      }
      throw error;
    }
  };

  return {
    layer: (inner) => ({
      ...inner,
      generate: (call, signal) => watched(inner.generate(call, signal)),
      embed: (call, signal) => watched(inner.embed(call, signal)),
    }),
    status: () => {
      const isFresh = refused && refused.identity === identity() && system.monotonic() - refused.at < MEMORY_MS;
      const known = isFresh ? STATUSES[refused?.reason ?? ''] : undefined;
      return known ? { status: known[0], message: known[1] } : { status: 'healthy', message: 'Ready.' };
    },
  };
};
