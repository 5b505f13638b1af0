/** `npm run health`: hands settings and terminal to the diagnosis, and its result to the shell. */
import { homedir } from 'node:os';
import { health } from '../src/diagnosis/command.ts';
import { runCommand } from '../src/diagnosis/commands.ts';
import { createSystem } from '../src/system.ts';
import { consoleOf } from '../src/terminal/console.ts';
import { EXIT } from '../src/terminal/exit-codes.ts';
import { runToEnd } from '../src/terminal/run-to-end.ts';

const check = (): Promise<number> =>
  health(process.argv.slice(2), {
    env: process.env,
    envFile: '.env',
    home: homedir(),
    system: createSystem(),
    run: runCommand,
    out: consoleOf(process.stdout, process.env),
    err: consoleOf(process.stderr, process.env),
  });

void runToEnd(check, (error) => ({
  // Its message could quote a setting; its kind cannot.
  word: `The diagnosis itself failed (${error instanceof Error ? error.name : 'unknown'}). Please report it.`,
  code: EXIT.failed,
}));
