import type { WorkerOptions } from 'node:worker_threads';

/** What runs in the thread of SQLite. A bundle has its text in place of this: it is one file. */
export const THREAD: { readonly program: URL | string; readonly options: WorkerOptions } = {
  program: new URL('./sqlite-worker.ts', import.meta.url),
  options: {},
};
