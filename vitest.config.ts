import { defineConfig } from 'vitest/config';
import { PlainSummary } from './test/support/plain-summary.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/services/**'],
    // The default leaves one processor free: of two that is one file at a time, most of which waits.
    maxWorkers: '100%',
    reporters: ['default', new PlainSummary()],
    testTimeout: 60_000,
    // Whoever polls waits for an event; how soon it comes is no promise unless the test says so.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
