import { LOADS, LONG_TEXTS, PLAIN, openHeavyRelay } from './heavy.ts';

/** Sizes up to the limit of a body as it is by default. */
const MIB = 1024 * 1024;
const SIZES = [1, 4, 16, 63].map((size) => size * MIB);
const MOST_CHUNKED_BYTES = 4 * MIB;
const HEAP_MB = 1024;
const MOST_TIMES = 4;
const PAUSE_MS = 250;

/** All loads in all sizes, again and again until the time is over; says what stood still too long or took too much. */
export const runHeavy = async (minutes: number): Promise<number> => {
  const until = performance.now() + minutes * 60_000;
  let relay = await openHeavyRelay(HEAP_MB);
  let problems = 0;
  const tell = (problem: string): void => {
    problems += 1;
    console.log(problem);
  };
  while (performance.now() < until) {
    for (const bytes of SIZES) {
      await relay.measure(PLAIN, bytes);
      const plain = await relay.measure(PLAIN, bytes);
      for (const load of [...LONG_TEXTS, ...LOADS]) {
        if (performance.now() > until) break;
        // Chunks of one byte: sixty million of them are ten minutes by themselves.
        if (load.chunkBytes !== undefined && bytes > MOST_CHUNKED_BYTES) continue;
        const name = `${load.name}, ${bytes / MIB} MiB`;
        try {
          const { status, pauseMs, peakBytes } = await relay.measure(load, bytes);
          if (status !== 400 && status !== 413 && status !== 503) tell(`${name}: status ${status}`);
          if (pauseMs > Math.max(PAUSE_MS, MOST_TIMES * plain.pauseMs)) {
            tell(`${name}: stood still for ${pauseMs} ms; a plain body ${plain.pauseMs} ms`);
          }
          if (peakBytes > MOST_TIMES * Math.max(plain.peakBytes, bytes)) {
            tell(`${name}: took ${Math.round(peakBytes / MIB)} MiB; a plain body ${Math.round(plain.peakBytes / MIB)}`);
          }
        } catch (error) {
          tell(`${name}: ${String(error)}`);
          await relay.close();
          relay = await openHeavyRelay(HEAP_MB);
        }
      }
    }
  }
  await relay.close();
  console.log(`${problems} problems`);
  return problems;
};
