import type { Database, RanksQuestion, Row } from './database.ts';
import type { Ranks } from './ranks.ts';
import { startSqliteThread } from './sqlite-thread.ts';
import type { SqliteThread } from './sqlite-thread.ts';

/** A thread that surveys is there only for as long as somebody looks. */
const IDLE_MS = 30_000;

/** A SQLite file, in a thread of its own; surveys of it in another, so that what they take holds up no write. */
export const openSqliteDatabase = async (path: string): Promise<Database> => {
  const thread = await startSqliteThread({ path, readOnly: false });
  const surveyor = createSurveyor(() => startSqliteThread({ path, readOnly: true }));
  return {
    write: (writes) => thread.ask({ kind: 'write', writes }) as Promise<readonly number[]>,
    read: (sql, values = []) => thread.ask({ kind: 'read', sql, values }) as Promise<readonly Row[]>,
    survey: (sql, values = []) =>
      surveyor.use((aside) => aside.ask({ kind: 'read', sql, values }) as Promise<readonly Row[]>),
    ranks: (question) =>
      surveyor.use(
        (aside) =>
          aside.ask({ kind: 'ranks', sql: selectOf(question), values: question.values }) as Promise<readonly Ranks[]>,
      ),
    close: async () => {
      await Promise.all([thread.close(), surveyor.close()]);
    },
  };
};

const selectOf = ({ name, columns, from }: RanksQuestion): string =>
  `SELECT ${[name, ...columns].join(', ')} FROM ${from}`;

interface Surveyor {
  use<Result>(ask: (thread: SqliteThread) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const createSurveyor = (start: () => Promise<SqliteThread>): Surveyor => {
  let started: Promise<SqliteThread> | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  const begin = (): Promise<SqliteThread> => {
    const beginning = start();
    const forget = (): void => {
      if (started === beginning) started = undefined;
    };
    beginning.then((thread) => thread.ended.then(forget), forget);
    return beginning;
  };
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    const last = started;
    // Whoever comes while it ends begins another.
    started = undefined;
    // One that could not begin has told who waited for it.
    const thread = await last?.catch(() => undefined);
    await thread?.stop();
  };

  return {
    use: async (ask) => {
      clearTimeout(idle);
      users += 1;
      try {
        started ??= begin();
        return await ask(await started);
      } finally {
        users -= 1;
        if (users === 0) idle = setTimeout(() => void close(), IDLE_MS).unref();
      }
    },
    close,
  };
};
