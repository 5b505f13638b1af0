import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { PlainSummary } from './test/support/plain-summary.ts';

const ALL = 'test/**/*.test.ts';
const SERVICES = 'test/services/**';

/** What measures its process would measure what the files before it left in it, and what changes it they would find. */
const ALONE = [
  'test/promises/**/*.test.ts',
  'test/fuzz/**/*.test.ts',
  ...globSync(ALL).filter((file) => /processorNow|memoryUsage|vi\.spyOn/.test(readFileSync(file, 'utf8'))),
];

export default defineConfig({
  test: {
    // One file more than there are processors: most wait for a program, and with as many a quarter of the time was idle.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', new PlainSummary()],
    testTimeout: 60_000,
    // Whoever polls waits for an event; how soon it comes is no promise unless the test says so.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE, exclude: [SERVICES] } },
      // A process and its modules for each of the others took as long as their tests.
      { extends: true, test: { name: 'together', include: [ALL], exclude: [SERVICES, ...ALONE], isolate: false } },
    ],
  },
});
