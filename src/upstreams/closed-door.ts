import { failed } from '../errors.ts';
import type { Upstream } from '../gemini/call.ts';
import type { HealthStatus, StatusSource } from '../health.ts';

export interface ClosedDoor {
  readonly upstream: Upstream;
  readonly status: StatusSource;
}

/** Where nothing can be relayed before the owner has done something: each call gets the instruction. */
export const closedDoor = (
  status: Extract<HealthStatus, 'login_required' | 'config_error'>,
  message: string,
  fix: string,
): ClosedDoor => {
  const refuse = (): Promise<never> => Promise.reject(failed(status, message, { fix }));
  return {
    upstream: { generate: refuse, countTokens: refuse, embed: refuse, models: refuse },
    status: () => ({ status, message, fix }),
  };
};
