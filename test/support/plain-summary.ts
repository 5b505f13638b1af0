import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one line that people and machines read the same way: `12 passed, 0 failed`. */
export class PlainSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed += 1;
        // A skipped or unfinished test has shown nothing, so it counts against the run.
        else failed += 1;
      }
      if (failed === before && !module.ok()) failed += 1;
    }
    console.log(`${passed} passed, ${failed} failed`);
  }
}
