/** What runs in the thread of SQLite. A bundle has its own in place of this: it is one file. */
export const WORKER_FILE = new URL('./sqlite-worker.ts', import.meta.url);
