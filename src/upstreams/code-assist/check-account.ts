import { RelayError } from '../../errors.ts';
import type { System } from '../../system.ts';
import type { Transport } from '../transport.ts';
import { createCodeAssistApi } from './api.ts';
import { discoverProject } from './discovery.ts';

export interface AccountCheckNeeds {
  readonly endpoint: string;
  /** GOOGLE_CLOUD_PROJECT. */
  readonly project: string | undefined;
  readonly transport: Transport;
  readonly system: System;
}

export type AccountCheck =
  | { readonly kind: 'usable'; readonly project: string; readonly tier: string | undefined }
  /** `account_ineligible`, `config_error`, …; the message is one plain sentence with the ways out. */
  | { readonly kind: 'refused'; readonly reason: string; readonly message: string }
  /** Google could not be asked. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly message: string };

/** For the end of a login and for diagnostics: what this token's account may use. Sets a new account up, as a request would. */
export const checkAccount = async (
  { endpoint, project, transport, system }: AccountCheckNeeds,
  token: string,
  signal: AbortSignal,
): Promise<AccountCheck> => {
  const tokens = {
    get: () => Promise.resolve({ token, identity: 'checked', quotaProjectId: undefined }),
    discard: () => undefined,
  };
  const api = createCodeAssistApi({ endpoint, transport, tokens, system });
  try {
    const log = { info: () => undefined };
    const found = await discoverProject({ api, system, log }, { asked: project, ownProject: project }, signal);
    return { kind: 'usable', ...found };
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    const kind = error.retryable === false ? 'refused' : 'unknown';
    return { kind, reason: error.reason ?? error.code, message: error.message };
  }
};
