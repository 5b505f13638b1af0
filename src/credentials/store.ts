/** Where the owner's credentials are kept: an environment variable (read only), or a file that the relay writes back. */
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { openFileStore } from './file-store.ts';
import type { Files } from './file.ts';
import type { TokenUpdate } from './rewrite.ts';
import type { StoredCredentials } from './stored.ts';
import { openVariableStore } from './variable-store.ts';
import type { CredentialsVariable } from './variable-store.ts';

export { LOGIN_ADVICE } from './stored.ts';

export interface CredentialStore {
  readonly source: 'environment' | 'file';
  current(): StoredCredentials;
  /** False while the newest tokens are in memory only, because the file cannot be written. */
  persisted(): boolean;
  /** Looks at the file now instead of at the next tick. */
  reload(): Promise<void>;
  /** Keeps new tokens of the login with this identity. Never throws: what cannot be written stays in memory. */
  save(identity: string, update: TokenUpdate): Promise<void>;
  /** Called whenever other credentials have come into force. Returns the way to stop it. */
  onChange(listener: () => void): () => void;
  /** Ends the watching, after a last attempt to write what is not yet on disk. */
  close(): Promise<void>;
}

export interface StoreNeeds {
  /** GEMINI_CREDENTIALS, where set: it wins, and no file is read or written (R6). */
  readonly variable?: CredentialsVariable | undefined;
  readonly path: string;
  readonly system: System;
  readonly log: Logger;
  readonly files?: Files;
}

export const openStore = async (needs: StoreNeeds): Promise<CredentialStore> => {
  const { variable } = needs;
  return variable && variable.value.trim() !== '' ? openVariableStore(variable, needs) : openFileStore(needs);
};
