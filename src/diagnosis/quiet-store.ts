/** The owner's credentials for a look: nothing is healed, tightened, watched or written; but no rotated token is lost. */
import { decodeText, readCredentials } from '../credentials/formats.ts';
import { FileProblem, readSmallFile } from '../credentials/file.ts';
import { openStore } from '../credentials/store.ts';
import type { CredentialStore, StoreNeeds } from '../credentials/credential-store.ts';
import { FILE_VARIABLE, missing, invalid, toStored } from '../credentials/stored.ts';
import type { StoredCredentials } from '../credentials/stored.ts';

export interface QuietStore {
  /** Asks for a token anew, whatever is left of the stored one. */
  readonly store: CredentialStore;
  /** As they are kept. */
  readonly stored: StoredCredentials;
  /** What Google said to the refresh. */
  readonly granted: () => Granted | undefined;
}

export interface Granted {
  readonly scopes: readonly string[];
  /** Google replaced the refresh token. */
  readonly rotated: boolean;
  /** False: the new refresh token could not be kept. */
  readonly kept: boolean;
}

export const openQuietStore = async (needs: StoreNeeds): Promise<QuietStore> => {
  const { variable, path } = needs;
  const inVariable = variable !== undefined && variable.value.trim() !== '';
  const stored = inVariable ? (await openStore(needs)).current() : await readFileAt(path);
  let granted: Granted | undefined;

  /** R32: the one change to a file is a refresh token that would be lost otherwise. */
  const keep = async (identity: string, update: Parameters<CredentialStore['save']>[1]): Promise<boolean> => {
    if (inVariable) return false;
    const store = await openStore(needs);
    try {
      await store.save(identity, update);
      return store.persisted();
    } finally {
      await store.close();
    }
  };

  const current = forced(stored);
  return {
    stored,
    granted: () => granted,
    store: {
      source: inVariable ? 'environment' : 'file',
      current: () => current,
      persisted: () => true,
      reload: () => Promise.resolve(),
      save: async (identity, update) => {
        const before = stored.kind === 'oauth' ? stored.credentials.refreshToken : undefined;
        const rotated = update.refreshToken !== undefined && update.refreshToken !== before;
        const kept = !rotated || (await keep(identity, update));
        granted = { scopes: wordsOf(update.extras['scope']), rotated, kept };
      },
      onChange: () => () => undefined,
      close: () => Promise.resolve(),
    },
  };
};

const wordsOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? value.split(/\s+/).filter((word) => word !== '') : [];

const readFileAt = async (path: string): Promise<StoredCredentials> => {
  try {
    const content = await readSmallFile(path);
    return content ? toStored(readCredentials(decodeText(content.bytes)), path, FILE_VARIABLE) : missing();
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    return invalid(FILE_VARIABLE, error.message);
  }
};

/** Whoever holds no access token has to refresh: only that shows that it works. */
const forced = (stored: StoredCredentials): StoredCredentials => {
  if (stored.kind !== 'oauth' || stored.credentials.refreshToken === undefined) return stored;
  const { accessToken: _token, expiresAt: _end, ...credentials } = stored.credentials;
  return { ...stored, credentials };
};
