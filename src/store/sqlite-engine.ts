/** SQLite itself, as Node brings it. Synchronous: it runs in a thread of its own (`sqlite-worker.ts`). */
import { chmodSync, closeSync, openSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { makeFolderNow } from '../folders.ts';
import { checkChanges, StoreError } from './database.ts';
import type { Row, StoreTrouble, Value, Write } from './database.ts';
import { ranksOf } from './ranks.ts';
import type { Ranks } from './ranks.ts';
import { isMissing } from './missing.ts';
import { insertAlike } from './sqlite-insert.ts';
import { CREATE_VERSION_TABLE, MIGRATIONS, VERSION_TABLE } from './schema.ts';

/** How long it waits for another process before it says `locked`. */
const BUSY_MS = 5000;
/** Of statements that are kept ready: the relay has a few dozen. */
const MOST_STATEMENTS = 100;

export interface SqliteEngine {
  write(writes: readonly Write[]): readonly number[];
  read(sql: string, values: readonly Value[]): readonly Row[];
  ranks(sql: string, values: readonly Value[]): readonly Ranks[];
  close(): void;
}

export interface SqliteSettings {
  readonly path: string;
  /** Beside somebody who has opened it already. */
  readonly readOnly: boolean;
}

/** Opens the file; who may write makes it where there is none, and brings it to this version. */
export const openSqlite = ({ path, readOnly }: SqliteSettings): SqliteEngine => {
  const database = guarded(() => {
    if (!readOnly) createPrivately(path);
    return new DatabaseSync(path, { timeout: BUSY_MS, enableForeignKeyConstraints: false, readOnly });
  });
  try {
    guarded(() => {
      refuseStrangers(database);
      if (!readOnly) bringToThisVersion(database, path);
    });
  } catch (error) {
    database.close();
    throw isOfFiles(error) && hasNoRoom(path) ? new StoreError('full', error.message, error) : error;
  }

  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MOST_STATEMENTS) statements.clear();
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };

  const run = (write: Write): number => {
    if ('sql' in write) {
      const changed = Number(prepared(write.sql).run(...(write.values ?? [])).changes);
      checkChanges(write, changed);
      return changed;
    }
    if ('table' in write) return insertAlike(write, prepared);
    const { into, rows, onConflict = '' } = write;
    let changes = 0;
    const [first] = rows;
    if (!first) return changes;
    const places = first.map(() => '?').join(', ');
    const statement = prepared(`INSERT INTO ${into} VALUES (${places}) ${onConflict}`);
    for (const row of rows) changes += Number(statement.run(...row).changes);
    return changes;
  };

  return {
    write: (writes) => guarded(() => inTransaction(database, () => writes.map(run))),
    read: (sql, values) => guarded(() => prepared(sql).all(...values) as unknown as Row[]),
    ranks: (sql, values) =>
      guarded(() => {
        const statement = database.prepare(sql);
        // A third of the time that rows with names take.
        statement.setReturnArrays(true);
        return ranksOf(statement.iterate(...values) as unknown as Iterable<readonly Value[]>);
      }),
    close: () => {
      statements.clear();
      database.close();
    },
  };
};

const bringToThisVersion = (database: DatabaseSync, path: string): void => {
  keepPrivate(path);
  // Readers and the writer do not wait for each other, and a killed process leaves a whole file.
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = NORMAL');
  inTransaction(database, () => {
    migrate(database);
  });
};

/** The owner's alone: it says who used what. SQLite gives the files beside it the same mode. */
const createPrivately = (path: string): void => {
  if (!isMissing(path)) return;
  makeFolderNow(dirname(path));
  closeSync(openSync(path, 'a', 0o600));
};

/** Only once it is known to be ours: a slip in DATABASE_URL must not change the file of another program. */
const keepPrivate = (path: string): void => {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
};

/** Of the files beside it SQLite says no more than that they cannot be made. */
const isOfFiles = (error: unknown): error is StoreError =>
  error instanceof StoreError && error.trouble === 'unreachable';

/** As much as the smallest of them takes. */
const LEAST_ROOM_BYTES = 32_768;

const hasNoRoom = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < LEAST_ROOM_BYTES;
  } catch {
    return false;
  }
};

const versionOf = (database: DatabaseSync): number | undefined => {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  if (tables.some(({ name }) => name === VERSION_TABLE)) {
    return Number(database.prepare(`SELECT version FROM ${VERSION_TABLE}`).get()?.['version'] ?? 0);
  }
  if (tables.length > 0) throw new StoreError('foreign', 'The file holds tables of another program.');
  return undefined;
};

/** Before anything is written. */
const refuseStrangers = (database: DatabaseSync): void => {
  const version = versionOf(database) ?? 0;
  if (version > MIGRATIONS.length) {
    throw new StoreError('newer', `The file has version ${version}, this relay knows ${MIGRATIONS.length}.`);
  }
};

const migrate = (database: DatabaseSync): void => {
  // Looked at once more: another relay may have been here before the lock was ours.
  const version = versionOf(database);
  if (version === undefined) {
    database.exec(CREATE_VERSION_TABLE);
    database.exec(`INSERT INTO ${VERSION_TABLE} VALUES (0)`);
  }
  const missing = MIGRATIONS.slice(version ?? 0);
  if (missing.length === 0) return;
  for (const statement of missing.flat()) database.exec(statement);
  database.prepare(`UPDATE ${VERSION_TABLE} SET version = ?`).run(MIGRATIONS.length);
};

const inTransaction = <Result>(database: DatabaseSync, work: () => Result): Result => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // Where the disk is full SQLite has rolled back by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

/** SQLite's primary result codes. */
const TROUBLES: Readonly<Record<number, StoreTrouble>> = {
  3: 'read_only',
  5: 'locked',
  6: 'locked',
  8: 'read_only',
  10: 'unreachable',
  11: 'corrupt',
  13: 'full',
  14: 'unreachable',
  19: 'conflict',
  26: 'corrupt',
};

/** What the file system says before SQLite is asked. */
const FILE_TROUBLES: Readonly<Record<string, StoreTrouble>> = {
  EACCES: 'read_only',
  EPERM: 'read_only',
  EROFS: 'read_only',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

const guarded = <Result>(work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    throw error instanceof StoreError ? error : toStoreError(error);
  }
};

const toStoreError = (error: unknown): StoreError => {
  const { errcode, code, syscall, message } = error as {
    readonly errcode?: number;
    readonly code?: string;
    readonly syscall?: string;
    readonly message?: string;
  };
  const ofFiles = syscall === undefined ? undefined : (FILE_TROUBLES[code ?? ''] ?? 'unreachable');
  // The upper bytes of a code only say more precisely what the lowest says.
  const ofSqlite = errcode === undefined ? undefined : TROUBLES[errcode & 0xff];
  return new StoreError(ofFiles ?? ofSqlite ?? 'mistake', message ?? String(error), error);
};
