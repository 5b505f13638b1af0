import { execFile } from 'node:child_process';

export interface CommandResult {
  /** `missing`: there is no such program here. */
  readonly kind: 'done' | 'failed' | 'missing';
  readonly output: string;
}

/** Runs a program of the machine, without a shell and not for long. Never throws. */
export type RunCommand = (program: string, args: readonly string[]) => Promise<CommandResult>;

const LIMIT_MS = 4000;
const LIMIT_BYTES = 4 * 1024 * 1024;

export const runCommand: RunCommand = (program, args) =>
  new Promise((resolve) => {
    execFile(
      program,
      args,
      { timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: LIMIT_BYTES, windowsHide: true },
      (error, stdout) => {
        if (!error) resolve({ kind: 'done', output: stdout });
        else resolve({ kind: error.code === 'ENOENT' ? 'missing' : 'failed', output: stdout });
      },
    );
  });
