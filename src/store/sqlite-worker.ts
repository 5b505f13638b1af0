/** The thread in which SQLite works: no query and no write ever stands in the way of a stream. */
import { parentPort, workerData } from 'node:worker_threads';
import { keepCompiled } from '../engine/compiled.ts';
import { StoreError } from './database.ts';
import type { Row, StoreTrouble, Value, Write } from './database.ts';
import type { Ranks } from './ranks.ts';
import { openSqlite } from './sqlite-engine.ts';
import type { SqliteEngine, SqliteSettings } from './sqlite-engine.ts';

export type Question =
  | { readonly id: number; readonly kind: 'open' }
  | { readonly id: number; readonly kind: 'write'; readonly writes: readonly Write[] }
  | { readonly id: number; readonly kind: 'read' | 'ranks'; readonly sql: string; readonly values: readonly Value[] }
  | { readonly id: number; readonly kind: 'close' };

export type Result = readonly number[] | readonly Row[] | readonly Ranks[];

export type WorkerAnswer =
  | { readonly id: number; readonly result: Result }
  | { readonly id: number; readonly trouble: StoreTrouble; readonly message: string };

const port = parentPort;
if (!port) throw new Error('sqlite-worker.ts runs as a worker thread');
const settings = workerData as SqliteSettings;
let engine: SqliteEngine | undefined;

const answer = (question: Question): Result => {
  if (question.kind === 'open') {
    engine = openSqlite(settings);
    return [];
  }
  if (!engine) throw new StoreError('unreachable', 'The database is not open.');
  switch (question.kind) {
    case 'write':
      return engine.write(question.writes);
    case 'read':
      // Rows of SQLite have no prototype, which cannot be sent.
      return engine.read(question.sql, question.values).map((row) => ({ ...row }));
    case 'ranks':
      return engine.ranks(question.sql, question.values);
    case 'close':
      engine.close();
      engine = undefined;
      return [];
  }
};

port.on('message', (question: Question) => {
  try {
    port.postMessage({ id: question.id, result: answer(question) } satisfies WorkerAnswer);
  } catch (error) {
    const { trouble, message } = error instanceof StoreError ? error : new StoreError('mistake', String(error));
    port.postMessage({ id: question.id, trouble, message } satisfies WorkerAnswer);
  }
});

keepCompiled();
