/** How the engine works while the relay serves. The price of all of it is memory (docs/performance.md). */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const SETTINGS = [
  // The heap may double before all of it is looked through. Left to itself the engine does that for every second image of
  // 8 MB, whose bytes it counts, though the heap is 18 MB: a quarter of the CPU of such requests.
  '--heap-growing-percent=100',
  // A request passes through many small functions. With twice the room to put them into one another, tool calls and short
  // answers cost 3 to 5 % less CPU. More room brings no more.
  '--max-inlined-bytecode-size-cumulative=1840',
  // The engine makes its best code of a function that was called 3000 times, and each request calls most of them once: a
  // relay of one owner would wait for it for days. Of requests that come one after the other, each takes an eighth less
  // time from the fourth thousand on.
  '--invocation-count-for-turbofan=1500',
];

/** Where the engine knows them: it tells of all others on the terminal. */
const SETTINGS_SINCE_26 = [
  // After eight seconds without work the engine tidies up as thoroughly as it can, and lets go of what its best code was
  // made for: each of the next hundred requests then took 2.1 times the yardstick's time instead of 1.3. It now waits for
  // half an hour, as the next request of one owner may take a minute.
  '--memory-reducer-delay-ms=1800000',
];

/** Once the relay listens: until then the engine is better as it comes. */
export const tuneEngine = (): void => {
  const isSince26 = Number.parseInt(process.versions.node, 10) >= 26;
  for (const setting of isSince26 ? [...SETTINGS, ...SETTINGS_SINCE_26] : SETTINGS) setFlagsFromString(setting);
  growUnderLoad();
};

/**
 * Under load the space for young objects grows to its full size in one step, where the engine may never get to: short
 * answers then cost 6 % less CPU, bursts 10. It is 30 MB more, which a relay that has little to do need not take. Left
 * to itself the engine takes them wherever much outlives a collection, which answers that are kept and streams that are
 * open do though nothing is gained by it.
 */
const growUnderLoad = (): void => {
  let isHeld = false;
  let collections = 0;
  let since = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!isOfYoung(entry)) continue;
      if (entry.startTime - since > WITHIN_MS) [collections, since] = [0, entry.startTime];
      collections += 1;
    }
    if (collections >= LOAD) {
      observer.disconnect();
      setFlagsFromString('--semi-space-growth-factor=32');
    } else if (!isHeld && youngBytes() > ENOUGH_BYTES) {
      isHeld = true;
      setFlagsFromString('--semi-space-growth-factor=1');
    }
  });
  observer.observe({ entryTypes: ['gc'] });
};

/** So many collections of what is young in so short a time: two to three thousand short requests a second. */
const LOAD = 60;
const WITHIN_MS = 10_000;

/** Half of its full size: smaller than this it is collected too often, and what is soon garbage grows old. */
const ENOUGH_BYTES = 20 * 1024 * 1024;

const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;

const isOfYoung = (entry: object): boolean =>
  'detail' in entry && (entry.detail as { readonly kind?: number }).kind === constants.NODE_PERFORMANCE_GC_MINOR;
