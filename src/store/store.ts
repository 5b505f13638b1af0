/**
 * The database as the rest of the house sees it: there, or in trouble and on its way back. What it refuses never fails a
 * request; whoever asks decides what to do without it.
 */
import { existsSync } from 'node:fs';
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { isPassing, StoreError, WAY_OUT } from './database.ts';
import type { Database, StoreTrouble } from './database.ts';

export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'none' };

export interface StoreState {
  readonly ok: boolean;
  readonly trouble?: StoreTrouble;
  /** For the owner: what is wrong and the way out. */
  readonly message?: string;
}

export interface Store extends Database {
  readonly kind: StoreAddress['kind'];
  state(): StoreState;
  /** Called whenever it is there (again), the first time included. */
  onReady(listener: () => void): void;
  /** Nothing can be kept in it yet. */
  readonly isNew: boolean;
  /** Opens it, where that waits. */
  begin(): void;
  /** Resolves once it was tried to open it, well or not. Commands wait for it, the relay does not. */
  opened(): Promise<void>;
}

export interface StoreNeeds {
  readonly system: System;
  readonly log: Logger;
  /** A new one is not opened before `begin`. */
  readonly newOnesWait?: boolean;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export const openStore = (address: StoreAddress, needs: StoreNeeds): Store =>
  address.kind === 'none' ? NO_STORE : createStore(address, needs);

const createStore = (
  address: Exclude<StoreAddress, { kind: 'none' }>,
  { system, log, newOnesWait = false }: StoreNeeds,
): Store => {
  const isNew = address.kind === 'sqlite' && !existsSync(address.path);
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  let database: Database | undefined;
  let trouble: StoreTrouble | undefined;

  const broken = (error: unknown): void => {
    const found = error instanceof StoreError ? error.trouble : 'mistake';
    if (trouble === found || closing.signal.aborted) return;
    trouble = found;
    log.warn('store in trouble', {
      store: address.kind,
      trouble: found,
      error,
      fix: isPassing(found) ? WAY_OUT[found] : undefined,
    });
  };
  const well = (): void => {
    if (trouble !== undefined) log.info('store is back', { store: address.kind });
    trouble = undefined;
  };

  /** Until it is open. Another round each time that it is lost. */
  const keepOpening = async (): Promise<void> => {
    for (let waitMs = FIRST_WAIT_MS; !closing.signal.aborted; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
      if (await open()) return;
      await system.sleep(waitMs, closing.signal).catch(() => undefined);
    }
  };
  const open = async (): Promise<boolean> => {
    try {
      const opened = await openDatabase(address);
      if (closing.signal.aborted) {
        await opened.close();
        return true;
      }
      database = opened;
    } catch (error) {
      broken(error);
      return false;
    }
    well();
    for (const listener of listeners) listener();
    return true;
  };
  const first = Promise.withResolvers<undefined>();
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    void open().then((isOpen) => {
      first.resolve(undefined);
      return isOpen ? undefined : keepOpening();
    });
  };
  if (!isNew || !newOnesWait) begin();

  const lose = (lost: Database): void => {
    if (database !== lost) return;
    database = undefined;
    void lost.close().catch(() => undefined);
    void keepOpening();
  };

  const ask = async <Result>(question: (database: Database) => Promise<Result>): Promise<Result> => {
    const asked = database;
    if (!asked) throw new StoreError(trouble ?? 'unreachable', 'The database is not open.');
    try {
      const result = await question(asked);
      if (database === asked) well();
      return result;
    } catch (error) {
      if (error instanceof StoreError && isPassing(error.trouble)) {
        broken(error);
        lose(asked);
      }
      throw error;
    }
  };

  return {
    kind: address.kind,
    state: () => {
      if (trouble !== undefined) {
        return { ok: false, trouble, message: isPassing(trouble) ? WAY_OUT[trouble] : 'The log has the details.' };
      }
      return { ok: database !== undefined };
    },
    write: (writes) => ask((open) => open.write(writes)),
    read: (sql, values) => ask((open) => open.read(sql, values)),
    survey: (sql, values) => ask((open) => open.survey(sql, values)),
    ranks: (question) => ask((open) => open.ranks(question)),
    onReady: (listener) => {
      listeners.add(listener);
      if (database) listener();
    },
    isNew,
    begin,
    opened: () => first.promise,
    close: async () => {
      closing.abort();
      if (hasBegun) await first.promise;
      await database?.close();
      database = undefined;
    },
  };
};

const openDatabase = async (address: Exclude<StoreAddress, { kind: 'none' }>): Promise<Database> => {
  if (address.kind === 'postgres') return (await import('./postgres.ts')).openPostgresDatabase(address.url);
  return (await import('./sqlite.ts')).openSqliteDatabase(address.path);
};

const noStore = (): Promise<never> =>
  Promise.reject(new StoreError('unreachable', 'There is no database: DATABASE_URL is none.'));

const NO_STORE: Store = {
  kind: 'none',
  state: () => ({ ok: true }),
  write: noStore,
  read: noStore,
  survey: noStore,
  ranks: noStore,
  onReady: () => undefined,
  isNew: true,
  begin: () => undefined,
  opened: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
