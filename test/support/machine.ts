/** What a measured time is worth on a machine that has other work too. */

const SPIN_MS = 20;
const SPINS = 3;

/**
 * How many times longer everything takes at this moment because others want the processor as well: 1 on a quiet machine,
 * about 3 beside four busy loops on two cores.
 */
const slowdown = (): number => {
  const startedAt = performance.now();
  const before = process.threadCpuUsage();
  for (;;) {
    const { user, system } = process.threadCpuUsage(before);
    const cpuMs = (user + system) / 1000;
    if (cpuMs >= SPIN_MS) return Math.max(1, (performance.now() - startedAt) / cpuMs);
  }
};

/** A limit of time as a quiet machine keeps it, and as much more as this one is slower right after what was measured. */
export const allowed = (limitMs: number): number =>
  limitMs * Math.max(...Array.from({ length: SPINS }, () => slowdown()));
