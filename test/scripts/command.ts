/** A command as a process of its own, in a folder of its own. */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface CommandRun {
  /** Exit code, or the name of the signal. */
  readonly exit: number | string;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; without it, there is nobody at the terminal and never will be. */
  readonly input?: string;
  /** There is no standard input at all, as by `<&-`. */
  readonly inputClosed?: boolean;
  /** The reader goes away before it has read a word, as `| head -0`. */
  readonly readerGone?: boolean;
  /** Of a command that serves: once it answers at this port it is told to end. */
  readonly servesAt?: number;
}

const BEGINNING = fileURLToPath(new URL('../../src/program/beginning.cjs', import.meta.url));

type ScriptName = 'login' | 'health-check' | 'keys' | 'usage' | 'gemini-cli-relay';

export const runScript = async (
  name: ScriptName,
  args: readonly string[],
  { folder, env = {}, input, inputClosed = false, readerGone = false, servesAt }: CommandOptions,
): Promise<CommandRun> => {
  const script = fileURLToPath(new URL(`../../scripts/${name}.ts`, import.meta.url));
  // As `npm run` does: what is compiled once is found by the next.
  const command = [process.execPath, '-r', BEGINNING, script, ...args] as const;
  const [program, ...words] = inputClosed ? (['/bin/sh', '-c', 'exec "$0" "$@" <&-', ...command] as const) : command;
  // No PATH: this machine's Docker and its browsers are not asked.
  const child = spawn(program, words, { cwd: folder, env: { PATH: '', HOME: folder, ...env } });
  let out = '';
  let err = '';
  child.stdin.on('error', () => undefined).end(input);
  if (readerGone) child.stdout.destroy();
  else child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<CommandRun>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ exit: code ?? signal ?? 'unknown', out, err });
    });
  });
  if (servesAt !== undefined) {
    while (child.exitCode === null && !(await answersAt(servesAt))) await delay(50);
    child.kill('SIGTERM');
  }
  return ended;
};

const answersAt = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );
