/** What a measured time is worth on a machine that has other work too. */

/** Milliseconds of the processor that this thread has used: a clock for what only computes. */
export const processorNow = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

const SPIN_MS = 20;
const SPINS = 3;

/**
 * How many times longer everything takes at this moment because others want the processor as well: 1 on a quiet machine,
 * about 3 beside four busy loops on two cores.
 */
const slowdown = (): number => {
  const startedAt = performance.now();
  const before = processorNow();
  for (;;) {
    const cpuMs = processorNow() - before;
    if (cpuMs >= SPIN_MS) return Math.max(1, (performance.now() - startedAt) / cpuMs);
  }
};

/** Between two looks: as often as a limit of some tens of milliseconds needs. */
const TICK_MS = 4;

let counted = 0;
let last: { readonly at: number; readonly worked: number } | undefined;

const look = (): void => {
  const now = { at: performance.now(), worked: processorNow() };
  if (last) counted += Math.min(now.at - last.at, TICK_MS + 1 + now.worked - last.worked);
  last = now;
};

/**
 * A clock for limits of what happens in this process: it goes on while this thread works or waits, and stands still
 * while others have its processor. So a limit means the same on every machine, whatever else that one does.
 */
export const quietNow = (): number => {
  if (!last) setInterval(look, TICK_MS).unref();
  look();
  return counted;
};

/** A limit for what other processes do, as a quiet machine keeps it: as much more as this one is slower right after. */
export const allowed = (limitMs: number): number =>
  limitMs * Math.max(...Array.from({ length: SPINS }, () => slowdown()));
