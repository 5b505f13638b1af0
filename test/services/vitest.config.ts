import { defineConfig } from 'vitest/config';
import { PlainSummary } from '../support/plain-summary.ts';

/** The tests that need programs of other people (`npm run test:services`). They fail where those are missing. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/services/**/*.test.ts'],
    // As of the other tests: most of them wait for a program.
    maxWorkers: '100%',
    reporters: ['default', new PlainSummary()],
    testTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
  },
});
