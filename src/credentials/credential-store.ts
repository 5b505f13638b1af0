/** What a place that keeps credentials can do, and what it is given. */
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import type { Files } from './file.ts';
import type { TokenUpdate } from './rewrite.ts';
import type { StoredCredentials } from './stored.ts';

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

/** GEMINI_CREDENTIALS. */
export interface CredentialsVariable {
  readonly name: string;
  readonly value: string;
}

export interface StoreNeeds {
  /** GEMINI_CREDENTIALS, where set: it wins, and no file is read or written (R6). */
  readonly variable?: CredentialsVariable | undefined;
  readonly path: string;
  readonly system: System;
  readonly log: Logger;
  readonly files?: Files;
}
