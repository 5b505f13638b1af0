/**
 * The database as the rest of the house sees it: there, or in trouble and on its way back. What it refuses never fails a
 * request; whoever asks decides what to do without it.
 */
import type { Logger } from '../log.ts';
import type { System } from '../system.ts';
import { isPassing, StoreError } from './database.ts';
import type { Database, StoreTrouble } from './database.ts';
import { isMissing } from './missing.ts';
import { PROBE } from './schema.ts';
import { createTroubleTeller } from './telling-trouble.ts';

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
  /** Called whenever it is there (again), the first time included, and when trouble with an open one is over. */
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

/** Who refuses for these is open all the same, and can still be read: the next write shows whether it is over. */
const STAYS_OPEN: ReadonlySet<StoreTrouble> = new Set<StoreTrouble>(['full', 'locked']);

export const openStore = (address: StoreAddress, needs: StoreNeeds): Store =>
  address.kind === 'none' ? NO_STORE : createStore(address, needs);

const createStore = (
  address: Exclude<StoreAddress, { kind: 'none' }>,
  { system, log, newOnesWait = false }: StoreNeeds,
): Store => {
  const isNew = address.kind === 'sqlite' && isMissing(address.path);
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  const trouble = createTroubleTeller(address.kind, { system, log });
  let database: Database | undefined;
  let openedAt = 0;
  /** Before the next try to open it. One that is lost soon after it was opened would else be opened without end. */
  let waitMs = 0;
  /** What it says when it is read shows nothing then. */
  let isWriteRefused = false;

  const tellReady = (): void => {
    for (const listener of listeners) listener();
  };

  /** Until it is open. Another round each time that it is lost. */
  const keepOpening = async (): Promise<void> => {
    do {
      await system.sleep(waitMs, closing.signal).catch(() => undefined);
      waitMs = Math.min(Math.max(waitMs * 2, FIRST_WAIT_MS), LONGEST_WAIT_MS);
    } while (!closing.signal.aborted && !(await open()));
  };
  const open = async (): Promise<boolean> => {
    let opened: Database | undefined;
    try {
      opened = await openDatabase(address);
      if (isWriteRefused) await opened.write(PROBE);
    } catch (error) {
      if (!closing.signal.aborted) trouble.found(error);
      await opened?.close().catch(() => undefined);
      return false;
    }
    if (closing.signal.aborted) {
      await opened.close().catch(() => undefined);
      return true;
    }
    database = opened;
    openedAt = system.monotonic();
    isWriteRefused = false;
    trouble.over();
    tellReady();
    return true;
  };
  const first = Promise.withResolvers<undefined>();
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    void open().then((isOpen) => {
      first.resolve(undefined);
      if (isOpen) return undefined;
      waitMs = FIRST_WAIT_MS;
      return keepOpening();
    });
  };
  if (!isNew || !newOnesWait) begin();

  const lose = (lost: Database): void => {
    database = undefined;
    if (system.monotonic() - openedAt >= LONGEST_WAIT_MS) waitMs = 0;
    void lost.close().catch(() => undefined);
    void keepOpening();
  };

  const ask = async <Result>(question: (database: Database) => Promise<Result>, isWrite = false): Promise<Result> => {
    const asked = database;
    if (!asked) throw new StoreError(trouble.current ?? 'unreachable', 'The database is not open.');
    try {
      const result = await question(asked);
      if (database === asked && (isWrite || !isWriteRefused)) {
        const isBack = trouble.current !== undefined;
        isWriteRefused = false;
        trouble.over();
        // It has stayed open, and somebody else may have been refused something.
        if (isBack) tellReady();
      }
      return result;
    } catch (error) {
      // What one that was lost meanwhile says of itself says nothing of the next.
      if (error instanceof StoreError && isPassing(error.trouble) && database === asked && !closing.signal.aborted) {
        isWriteRefused ||= isWrite;
        trouble.found(error);
        if (!STAYS_OPEN.has(error.trouble)) lose(asked);
      }
      throw error;
    }
  };

  return {
    kind: address.kind,
    state: () => trouble.state() ?? { ok: database !== undefined },
    write: (writes) => ask((open) => open.write(writes), true),
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
