/** How a command ends: with its own exit code, whatever it waits for and whoever reads it. */
import { outliveReaders } from './readers.ts';

/** Longer than any command takes. */
const LONG_MS = 2 ** 30;

/**
 * Runs the command to its end and then ends the process. Sleeps and time limits keep no process alive, and where the
 * network says nothing there is nothing else: Node would leave with code 13 in the middle of a command.
 */
export const runToEnd = async (
  command: () => Promise<number>,
  /** What the owner reads when the command itself breaks, and the exit code then. */
  broken: (error: unknown) => { readonly word: string; readonly code: number },
): Promise<void> => {
  const hold = setInterval(() => undefined, LONG_MS);
  outliveReaders();
  let code: number;
  try {
    code = await command();
  } catch (error) {
    const end = broken(error);
    process.stderr.write(`${end.word}\n`);
    code = end.code;
  }
  clearInterval(hold);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // What still waits for a name or a program that hangs must not keep anybody waiting.
  process.exit(code);
};

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
