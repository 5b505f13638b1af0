/** `npm run health`: hands settings and terminal to the diagnosis, and its result to the shell. */
import { homedir } from 'node:os';
import { runCommand } from '../src/diagnosis/commands.ts';
import { EXIT, health } from '../src/diagnosis/command.ts';
import type { Console } from '../src/diagnosis/command.ts';
import { createSystem } from '../src/system.ts';

const consoleOf = (stream: NodeJS.WriteStream): Console => ({
  write: (text) => stream.write(text),
  isTerminal: stream.isTTY,
});

const check = async (): Promise<number> => {
  try {
    return await health(process.argv.slice(2), {
      env: process.env,
      envFile: '.env',
      home: homedir(),
      system: createSystem(),
      run: runCommand,
      out: consoleOf(process.stdout),
      err: consoleOf(process.stderr),
    });
  } catch (error) {
    // Its message could quote a setting; its kind cannot.
    console.error(
      `The diagnosis itself failed (${error instanceof Error ? error.name : 'unknown'}). Please report it.`,
    );
    return EXIT.failed;
  }
};

const code = await check();
// What still waits for a name or a program that hangs must not keep anybody waiting.
process.stdout.write('', () => process.exit(code));
