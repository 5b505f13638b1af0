import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { PlainSummary } from './test/support/plain-summary.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/services/**'],
    // One file more than there are processors: most wait for a program, and with as many a quarter of the time was idle.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', new PlainSummary()],
    testTimeout: 60_000,
    // Whoever polls waits for an event; how soon it comes is no promise unless the test says so.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
