import { setImmediate as turn } from 'node:timers/promises';
import type { System } from '../../src/system.ts';

export interface VirtualSystem extends System {
  /** Both clocks go on, and sleepers wake on the way. */
  advance(ms: number): Promise<void>;
  /** The wall clock jumps; the monotonic one knows nothing of it. */
  jump(ms: number): void;
  sleepers(): number;
}

/** A clock that stands still until told. */
export const createVirtualSystem = (start = Date.UTC(2026, 0, 15), random = 0.5): VirtualSystem => {
  let wall = start;
  let monotonic = 1000;
  let ids = 0;
  const sleeping = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => wall,
    monotonic: () => monotonic,
    newId: (prefix) => `${prefix}${String(++ids).padStart(24, '0')}`,
    random: () => random,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const sleeper = {
          at: monotonic + ms,
          wake: () => {
            sleeping.delete(sleeper);
            resolve();
          },
        };
        sleeping.add(sleeper);
        const leave = () => {
          sleeping.delete(sleeper);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', leave, { once: true });
      }),
    advance: async (ms) => {
      const end = monotonic + ms;
      for (;;) {
        await turn();
        const next = [...sleeping].sort((one, other) => one.at - other.at)[0];
        if (!next || next.at > end) break;
        wall += Math.max(0, next.at - monotonic);
        monotonic = Math.max(monotonic, next.at);
        next.wake();
        await turn();
      }
      wall += end - monotonic;
      monotonic = end;
      await turn();
    },
    jump: (ms) => {
      wall += ms;
    },
    sleepers: () => sleeping.size,
  };
};

/** Polls in real time until the condition holds; ends the test with `what` when it does not. */
export const until = async (what: string, condition: () => boolean | Promise<boolean>, limitMs = 15_000) => {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await turn();
  }
};
