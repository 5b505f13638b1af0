/** Where the owner's credentials are kept: an environment variable (read only), or a file that the relay writes back. */
import type { CredentialStore, StoreNeeds } from './credential-store.ts';
import { openFileStore } from './file-store.ts';
import { openVariableStore } from './variable-store.ts';

export type { CredentialStore } from './credential-store.ts';
export { LOGIN_ADVICE } from './stored.ts';

export const openStore = async (needs: StoreNeeds): Promise<CredentialStore> => {
  const { variable } = needs;
  return variable && variable.value.trim() !== '' ? openVariableStore(variable, needs) : openFileStore(needs);
};
