import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const FLAGS = new URL('../../src/engine/flags.ts', import.meta.url).href;

/** Megabytes that are only reached in one step. */
const FULL = 40;

interface Work {
  readonly madeAtOnce: number;
  /** Of eight bytes each. */
  readonly slots: number;
  /** So many of those made last. */
  readonly kept: number;
  readonly restMs: number;
  readonly longestMs: number;
}

/** Megabytes that the space for young objects takes at its most. */
const youngSpace = (work: Work): number =>
  Number(execFileSync(process.execPath, ['--input-type=module', '--eval', PROGRAM, FLAGS, JSON.stringify(work)]));

const PROGRAM = `
  import { setTimeout as rest } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  const [flags, work] = process.argv.slice(1);
  const { madeAtOnce, slots, kept, restMs, longestMs } = JSON.parse(work);
  (await import(flags)).tuneEngine();
  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
  const recent = [];
  let most = 0;
  for (const until = Date.now() + longestMs; Date.now() < until && most < ${FULL} * 1048576; ) {
    for (let made = 0; made < madeAtOnce; made += 1) recent[made % kept] = { at: new Array(slots).fill(made) };
    most = Math.max(most, size());
    await rest(restMs);
  }
  console.log(most / 1048576);
`;

test('the space for young objects is full-grown under load, and only then', () => {
  expect(youngSpace({ madeAtOnce: 40_000, slots: 100, kept: 500, restMs: 1, longestMs: 30_000 })).toBeGreaterThan(FULL);
  expect(youngSpace({ madeAtOnce: 2000, slots: 100, kept: 500, restMs: 30, longestMs: 1500 })).toBeLessThan(FULL);
});

test('what is kept for long does not make it grow', () => {
  expect(youngSpace({ madeAtOnce: 5000, slots: 100, kept: 5000, restMs: 30, longestMs: 3000 })).toBeLessThan(FULL);
});
