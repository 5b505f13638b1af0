/** What the commands that look into the database have in common: settings and terminal go in, an exit code comes out. */
import { loadEnvironment } from '../src/config/env-file.ts';
import { ConfigError } from '../src/config.ts';
import type { Environment } from '../src/config.ts';
import { createSystem } from '../src/system.ts';
import type { System } from '../src/system.ts';
import { consoleOf } from '../src/terminal/console.ts';
import type { Console } from '../src/terminal/console.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { runToEnd } from '../src/terminal/run-to-end.ts';

interface CommandNeeds {
  readonly env: Environment;
  readonly loadEnvironment: () => Environment;
  readonly system: System;
  readonly out: Console;
  readonly err: Console;
}

export const runCommand = (
  command: (words: readonly string[], needs: CommandNeeds) => Promise<number>,
): Promise<void> =>
  runToEnd(
    () =>
      command(process.argv.slice(2), {
        env: process.env,
        loadEnvironment: () => loadEnvironment(process.env).env,
        system: createSystem(),
        out: consoleOf(process.stdout, process.env),
        err: consoleOf(process.stderr, process.env),
      }),
    (error) =>
      error instanceof ConfigError
        ? { word: error.problems.join('\n'), code: EXIT.config }
        : {
            // Its message could quote a setting; its kind cannot.
            word: `The command itself failed (${error instanceof Error ? error.name : 'unknown'}). Please report it.`,
            code: EXIT.failed,
          },
  );
