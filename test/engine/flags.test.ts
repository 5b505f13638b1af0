import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const FLAGS = new URL('../../src/engine/flags.ts', import.meta.url).href;

/** Megabytes that are only reached in one step. */
const FULL = 40;

/** Megabytes that the space for young objects takes at its most, with so many of them made before each rest. */
const youngSpace = (madeAtOnce: number, restMs: number, longestMs: number): number =>
  Number(
    execFileSync(process.execPath, [
      '--input-type=module',
      '--eval',
      PROGRAM,
      FLAGS,
      `${madeAtOnce}`,
      `${restMs}`,
      `${longestMs}`,
    ]),
  );

const PROGRAM = `
  import { setTimeout as rest } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  const [flags, madeAtOnce, restMs, longestMs] = process.argv.slice(1);
  (await import(flags)).tuneEngine();
  const size = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size;
  const recent = [];
  let most = 0;
  for (const until = Date.now() + Number(longestMs); Date.now() < until && most < ${FULL} * 1048576; ) {
    for (let made = 0; made < Number(madeAtOnce); made += 1) recent[made % 5000] = { text: 'x'.repeat(made % 7), at: [made] };
    most = Math.max(most, size());
    await rest(Number(restMs));
  }
  console.log(most / 1048576);
`;

test('the space for young objects is full-grown under load, and only then', () => {
  expect(youngSpace(400_000, 1, 30_000)).toBeGreaterThan(FULL);
  expect(youngSpace(20_000, 30, 1500)).toBeLessThan(FULL);
});
