/** How the engine works while the relay serves. The price of all of it is memory (docs/performance.md). */
import { setFlagsFromString } from 'node:v8';

const SETTINGS = [
  // The space for young objects grows to its full size in one step, where it would take many of them: under load it gets
  // there anyway, and until then short answers cost 6 % more CPU, bursts 10.
  '--semi-space-growth-factor=32',
  // The heap may double before all of it is looked through. Left to itself the engine does that for every second image of
  // 8 MB, whose bytes it counts, though the heap is 18 MB: a quarter of the CPU of such requests.
  '--heap-growing-percent=100',
  // A request passes through many small functions. With twice the room to put them into one another, tool calls and short
  // answers cost 3 to 5 % less CPU. More room brings no more.
  '--max-inlined-bytecode-size-cumulative=1840',
];

/** Once the relay listens: until then the engine is better as it comes. */
export const tuneEngine = (): void => {
  for (const setting of SETTINGS) setFlagsFromString(setting);
};
