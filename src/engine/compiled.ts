import { flushCompileCache } from 'node:module';

const FLUSH_AFTER_MS = 2000;

/**
 * Keeps what was compiled for the next start. By itself Node does so when it ends in order: a relay that is killed would
 * leave nothing, and each start would take twice as long. After a moment, so that what is loaded late is in it, too.
 */
export const keepCompiled = (): void => {
  setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref();
};
