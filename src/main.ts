import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Halves the CPU of a start. Beside the packages, which only the owner writes: never in a shared temporary folder, where
// others could put code for us. Where it cannot be written, Node goes on without.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

// Imported now, so that the cache covers all the rest.
const { reportFailure, start } = await import('./program/start.ts');
await start().catch(reportFailure);
