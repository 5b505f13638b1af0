import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

const run = (path: string, ...args: readonly string[]): Promise<{ exit: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...args], { cwd: ROOT }, (_error, out, err) => {
      resolve({ exit: child.exitCode ?? -1, out, err });
    });
  });

test.each([
  ['bench', 'test/bench/bench.ts', ['--rounds', 'many'], '--rounds takes a whole number'],
  ['fuzz', 'test/fuzz/fuzz.ts', ['--colour'], '--colour is not what stands there'],
  ['soak', 'test/fuzz/soak.ts', ['--minutes', 'long'], '--minutes takes a number'],
  ['scale', 'test/scale/scale.ts', ['--only', 'others'], '--only takes one of relay, crowd, keys'],
])('npm run %s says how it is used, and what is not understood', async (name, path, wrong, problem) => {
  const [help, mistaken, unknown] = await Promise.all([
    run(path, '--help'),
    run(path, ...wrong),
    run(path, '--colour'),
  ]);
  expect(help).toEqual({ exit: 0, out: expect.stringMatching(`^npm run ${name} -- `) as string, err: '' });
  expect([mistaken.exit, mistaken.out]).toEqual([2, '']);
  expect(mistaken.err).toBe(`Not understood: ${problem}.\n\n${help.out}`);
  expect(unknown.exit).toBe(2);
  expect(unknown.err).toMatch(/^Not understood: .*--colour/);
  expect(unknown.err).not.toMatch(/^\s+at /m);
});
