import { Worker } from 'node:worker_threads';
import { StoreError } from './database.ts';
import type { Database, Row } from './database.ts';
import type { Question, Reply } from './sqlite-worker.ts';
import { WORKER_FILE } from './worker-file.ts';

/** Of its own heap: answers of a few ten thousand rows, and no leak that could take the machine along. */
const HEAP_MB = 128;

type WithoutId<Kind extends Question> = Kind extends Question ? Omit<Kind, 'id'> : never;

interface Waiting {
  readonly resolve: (result: readonly number[] | readonly Row[]) => void;
  readonly reject: (error: StoreError) => void;
}

/** A SQLite file, in a thread of its own. */
export const openSqliteDatabase = async (path: string): Promise<Database> => {
  const worker = new Worker(WORKER_FILE, {
    workerData: { path },
    // Node still calls its SQLite experimental, on the owner's terminal.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    name: 'store',
  });
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let gone: StoreError | undefined;

  const fail = (error: StoreError): void => {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  worker.on('message', (reply: Reply) => {
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ('trouble' in reply) one?.reject(new StoreError(reply.trouble, reply.message));
    else one?.resolve(reply.result);
  });
  worker.on('error', (error) => {
    fail(new StoreError('unreachable', 'The thread of the database failed.', error));
  });
  worker.on('exit', () => {
    fail(new StoreError('unreachable', 'The thread of the database has ended.'));
  });

  const ask = (question: WithoutId<Question>): Promise<readonly number[] | readonly Row[]> =>
    new Promise((resolve, reject) => {
      if (gone) {
        reject(gone);
        return;
      }
      asked += 1;
      // It holds the process only while somebody waits for it.
      if (waiting.size === 0) worker.ref();
      waiting.set(asked, { resolve, reject });
      worker.postMessage({ ...question, id: asked });
    });

  const stop = async (): Promise<void> => {
    await worker.terminate();
  };

  try {
    await ask({ kind: 'open' });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    write: (writes) => ask({ kind: 'write', writes }) as Promise<readonly number[]>,
    read: (sql, values = []) => ask({ kind: 'read', sql, values }) as Promise<readonly Row[]>,
    close: async () => {
      if (!gone) await ask({ kind: 'close' });
      await stop();
    },
  };
};
