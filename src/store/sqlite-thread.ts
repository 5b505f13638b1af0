/** A thread with a SQLite file open in it, and who waits for its answers. */
import { Worker } from 'node:worker_threads';
import { StoreError } from './database.ts';
import type { SqliteSettings } from './sqlite-engine.ts';
import type { Question, WorkerAnswer, Result } from './sqlite-worker.ts';
import { THREAD } from './worker-file.ts';

export interface SqliteThread {
  ask(question: WithoutId<Question>): Promise<Result>;
  /** Closes the file and ends. */
  close(): Promise<void>;
  /** At once: who waits for an answer is told. */
  stop(): Promise<void>;
  /** Resolves when it is no more. */
  readonly ended: Promise<void>;
}

type WithoutId<Kind extends Question> = Kind extends Question ? Omit<Kind, 'id'> : never;

/** Of its own heap: answers of a few ten thousand rows, and no leak that could take the machine along. */
const HEAP_MB = 128;
/** Rows pass through. Left to itself, the space for what is young would grow to that of the relay's own. */
const YOUNG_MB = 2;

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: StoreError) => void;
}

export const startSqliteThread = async (settings: SqliteSettings): Promise<SqliteThread> => {
  const worker = new Worker(THREAD.program, {
    ...THREAD.options,
    workerData: settings,
    // Node still calls its SQLite experimental, on the owner's terminal.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
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
  worker.on('message', (reply: WorkerAnswer) => {
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
    if ('trouble' in reply) one?.reject(new StoreError(reply.trouble, reply.message));
    else one?.resolve(reply.result);
  });
  worker.on('error', (error) => {
    fail(new StoreError('unreachable', 'The thread of the database failed.', error));
  });
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => {
      fail(new StoreError('unreachable', 'The thread of the database has ended.'));
      resolve();
    });
  });

  const ask = (question: WithoutId<Question>): Promise<Result> =>
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
    ask,
    close: async () => {
      if (!gone) await ask({ kind: 'close' });
      await stop();
    },
    stop,
    ended,
  };
};
