import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NS = 1e9;

/** How late the event loop is, from the first question on: seconds since the last one, 99th percentile. */
export const createLoopLag = (): (() => number) => {
  let watch: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return () => {
    if (!watch) {
      watch = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      watch.enable();
      return 0;
    }
    // What it measures is from one turn to the next, the time that it waits on purpose included.
    const lag = watch.count === 0 ? 0 : watch.percentile(99) / NS - RESOLUTION_MS / 1000;
    watch.reset();
    return Math.max(0, lag);
  };
};
