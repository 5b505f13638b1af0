/** The thread in which SQLite works: no query and no write ever stands in the way of a stream. */
import { parentPort, workerData } from 'node:worker_threads';
import { StoreError } from './database.ts';
import type { Row, StoreTrouble, Value, Write } from './database.ts';
import { openSqlite } from './sqlite-engine.ts';
import type { SqliteEngine } from './sqlite-engine.ts';

export type Question =
  | { readonly id: number; readonly kind: 'open' }
  | { readonly id: number; readonly kind: 'write'; readonly writes: readonly Write[] }
  | { readonly id: number; readonly kind: 'read'; readonly sql: string; readonly values: readonly Value[] }
  | { readonly id: number; readonly kind: 'close' };

export type Reply =
  | { readonly id: number; readonly result: readonly number[] | readonly Row[] }
  | { readonly id: number; readonly trouble: StoreTrouble; readonly message: string };

const port = parentPort;
if (!port) throw new Error('sqlite-worker.ts runs as a worker thread');
const { path } = workerData as { readonly path: string };
let engine: SqliteEngine | undefined;

const answer = (question: Question): readonly number[] | readonly Row[] => {
  if (question.kind === 'open') {
    engine = openSqlite(path);
    return [];
  }
  if (!engine) throw new StoreError('unreachable', 'The database is not open.');
  switch (question.kind) {
    case 'write':
      return engine.write(question.writes);
    case 'read':
      // Rows of SQLite have no prototype, which cannot be sent.
      return engine.read(question.sql, question.values).map((row) => ({ ...row }));
    case 'close':
      engine.close();
      engine = undefined;
      return [];
  }
};

port.on('message', (question: Question) => {
  try {
    port.postMessage({ id: question.id, result: answer(question) } satisfies Reply);
  } catch (error) {
    const { trouble, message } = error instanceof StoreError ? error : new StoreError('mistake', String(error));
    port.postMessage({ id: question.id, trouble, message } satisfies Reply);
  }
});
