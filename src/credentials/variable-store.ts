/** Credentials from the environment: read once, never written (R6). */
import type { CredentialStore, CredentialsVariable, StoreNeeds } from './credential-store.ts';
import { readCredentialsVariable } from './formats.ts';
import { toStored, withTokens } from './stored.ts';

export const openVariableStore = (
  { name, value }: CredentialsVariable,
  { log }: Pick<StoreNeeds, 'log'>,
): CredentialStore => {
  const reading = readCredentialsVariable(value);
  let current = toStored(reading, name, name);
  if (current.kind === 'invalid')
    log.error('credentials in the environment are not usable', { problem: current.problem, fix: current.fix });
  let warned = false;
  return {
    source: 'environment',
    current: () => current,
    persisted: () => true,
    reload: () => Promise.resolve(),
    save: (identity, update) => {
      if (current.kind === 'oauth' && current.identity === identity) current = withTokens(current, update);
      if (update.refreshToken !== undefined && !warned) {
        warned = true;
        log.warn(
          'Google replaced the refresh token, and a variable cannot be rewritten: log in anew before the next start',
          {
            variable: name,
          },
        );
      }
      return Promise.resolve();
    },
    onChange: () => () => undefined,
    close: () => Promise.resolve(),
  };
};
