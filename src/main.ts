import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const FLUSH_AFTER_MS = 2000;

// Halves the CPU of a start. Beside the packages, which only the owner writes: never in a shared temporary folder, where
// others could put code for us. Where it cannot be written, Node goes on without.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

// Imported now, so that the cache covers all the rest.
const { reportFailure, start } = await import('./program/start.ts');
await start(process.argv.slice(2)).catch(reportFailure);

const { tuneEngine } = await import('./engine/flags.ts');
tuneEngine();

// By itself Node writes the cache when it ends in order. A relay that is killed would leave none, and each start would take
// twice as long. After a moment, so that what is loaded late is in it, too.
setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref();
