/** A command of `scripts/` as a process of its own, in a folder of its own. */
import { spawn } from 'node:child_process';
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
  /** The reader goes away before it has read a word, as `| head -0`. */
  readonly readerGone?: boolean;
}

export const runScript = (
  name: 'login' | 'health-check' | 'usage',
  args: readonly string[],
  { folder, env = {}, input, readerGone = false }: CommandOptions,
): Promise<CommandRun> =>
  new Promise((resolve) => {
    const script = fileURLToPath(new URL(`../../scripts/${name}.ts`, import.meta.url));
    // No PATH: this machine's Docker and its browsers are not asked.
    const child = spawn(process.execPath, [script, ...args], { cwd: folder, env: { PATH: '', HOME: folder, ...env } });
    let out = '';
    let err = '';
    child.stdin.on('error', () => undefined).end(input);
    if (readerGone) child.stdout.destroy();
    else child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('close', (code, signal) => {
      resolve({ exit: code ?? signal ?? 'unknown', out, err });
    });
  });
