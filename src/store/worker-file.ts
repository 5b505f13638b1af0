import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import type { WorkerOptions } from 'node:worker_threads';

/** A thread takes no part in the cache of its program unless it is told: without it, it takes twice the memory. */
const compiled = getCompileCacheDir();

/** What runs in the thread of SQLite. A bundle has its text in place of this: it is one file. */
export const THREAD: { readonly program: URL | string; readonly options: WorkerOptions } = {
  program: new URL('./sqlite-worker.ts', import.meta.url),
  // Nothing else of the environment is its business.
  options: { env: compiled === undefined ? {} : { NODE_COMPILE_CACHE: dirname(compiled) } },
};
