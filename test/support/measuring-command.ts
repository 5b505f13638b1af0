/** The command line of what only measures or tries: it says how it is used, and what is wrong with how it was. */
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { notUnderstood } from '../../src/terminal/mistake.ts';

/** Ends the process with 0 for `--help`, with 2 for an option that there is not. */
export const readCommandLine = <const Options extends ParseArgsOptionsConfig>(usage: string, options: Options) => {
  try {
    const args = process.argv.slice(2);
    // A help that is asked for among things that are not understood is given all the same.
    if (args.some((arg) => arg === '--help' || arg === '-h')) {
      console.log(usage);
      process.exit(0);
    }
    return parseArgs({ args, options }).values;
  } catch (error) {
    // Node's own sentence; what it adds is about words that begin with a dash.
    return misused(usage, (error instanceof Error ? error.message : 'an option').split('. ')[0] ?? '');
  }
};

export const misused = (usage: string, problem: string): never => {
  process.stderr.write(notUnderstood(problem, usage));
  process.exit(2);
};

/** What a number of an option says; anything but one above nothing would measure nothing. */
export const countOf = (usage: string, name: string, text: string): number => {
  const count = Number(text);
  return Number.isSafeInteger(count) && count >= 1 ? count : misused(usage, `--${name} takes a whole number`);
};
