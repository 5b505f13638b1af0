/** The database, as routes ask it: what it refuses becomes an answer that says the way out. */
import { failed } from '../errors.ts';
import { StoreError } from '../store/database.ts';
import type { Store } from '../store/store.ts';

export type ConsoleStore = Pick<Store, 'kind' | 'state' | 'read' | 'survey' | 'ranks' | 'write' | 'opened'>;

export const withStore = async <T>(store: ConsoleStore, ask: () => Promise<T>): Promise<T> => {
  if (store.kind === 'none') {
    throw failed('store_unavailable', 'Nothing is kept: DATABASE_URL is none. Take that line away, and restart.');
  }
  // Who asks right after the start waits until it was tried.
  await store.opened();
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw failed('store_unavailable', store.state().message ?? 'The database refuses. The log has the details.', {
      cause: error,
    });
  }
};
