import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

const FLUSH_AFTER_MS = 2000;

// Halves the CPU of a start. Beside the packages, which only the owner writes: never in a shared temporary folder, where
// others could put code for us. Where it cannot be written, Node goes on without.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));

// Imported now, so that the cache covers all the rest.
const { reportFailure, start } = await import('./program/start.ts');
await start().catch(reportFailure);

// How the engine manages memory from here on. The price of both is memory (docs/performance.md).
const { setFlagsFromString } = process.getBuiltinModule('node:v8');
// The engine's space for young objects grows to its full size in one step, where it would take many of them: under load
// it gets there anyway, and until then short answers cost 6 % more CPU, bursts 10.
setFlagsFromString('--semi-space-growth-factor=32');
// The heap may double before all of it is looked through. Left to itself the engine does that for every second image of
// 8 MB, whose bytes it counts, though the heap is 18 MB: a quarter of the CPU of such requests.
setFlagsFromString('--heap-growing-percent=100');

// By itself Node writes the cache when it ends in order. A relay that is killed would leave none, and each start would take
// twice as long. After a moment, so that what is loaded late is in it, too.
setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref();
