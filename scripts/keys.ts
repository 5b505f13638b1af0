/** `npm run keys`: hands settings and terminal to the command, and its result to the shell. */
import { loadEnvironment } from '../src/config/env-file.ts';
import { ConfigError } from '../src/config.ts';
import { createSystem } from '../src/system.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { runToEnd } from '../src/terminal/run-to-end.ts';
import { EXIT, keys } from '../src/keys/command/command.ts';

const manage = (): Promise<number> =>
  keys(process.argv.slice(2), {
    env: process.env,
    loadEnvironment: () => loadEnvironment(process.env).env,
    system: createSystem(),
    out: consoleOf(process.stdout, process.env),
    err: consoleOf(process.stderr, process.env),
  });

await runToEnd(manage, (error) =>
  error instanceof ConfigError
    ? { word: error.problems.join('\n'), code: EXIT.config }
    : {
        // Its message could quote a setting; its kind cannot.
        word: `The command itself failed (${error instanceof Error ? error.name : 'unknown'}). Please report it.`,
        code: EXIT.failed,
      },
);
