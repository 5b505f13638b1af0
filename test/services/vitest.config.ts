import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { PlainSummary } from '../support/plain-summary.ts';

const FOLDER = 'test/services';

/** Relays that share a Redis hear each other within a third of a second: they have the machine for themselves. */
const SHARING = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .filter((name) => readFileSync(join(import.meta.dirname, name), 'utf8').includes("'./redis.ts'"))
  .map((name) => `${FOLDER}/${name}`);

const LONGEST = [`${FOLDER}/kill.test.ts`];

interface Files {
  readonly include: string[];
  readonly exclude?: string[];
}

const project = (name: string, groupOrder: number, maxWorkers: number | string, files: Files) => ({
  extends: true as const,
  test: { ...files, name, maxWorkers, sequence: { groupOrder } },
});

/** The tests that need programs of other people (`npm run test:services`). They fail where those are missing. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    reporters: ['default', new PlainSummary()],
    testTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    projects: [
      // First what takes longest, and two at a time, for most of them wait for a program.
      project('1: longest', 0, '100%', { include: LONGEST }),
      project('2: others', 0, '100%', { include: [`${FOLDER}/**/*.test.ts`], exclude: [...LONGEST, ...SHARING] }),
      project('3: sharing', 1, 1, { include: SHARING }),
    ],
  },
});
