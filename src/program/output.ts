import type { Redactor } from '../redactor.ts';

export interface Output {
  /** Runs it within some milliseconds: before anything else is written, and before the process ends. */
  soon(run: () => void): void;
  /** Redacted already. */
  line(text: string): void;
  /** Past the redactor, for the one line that shows a new key to its owner. Where lines are for machines: beside them. */
  secret(text: string, beside: boolean): void;
  /** What waits, at once. */
  flush(): void;
  readonly isTerminal: boolean;
}

/** Lines of so long go out together: under load the way out costs as much as the lines. */
const GATHER_MS = 5;

/**
 * The last step of all output of the process, whoever writes it: warnings of Node and prints of libraries go through
 * the redactor too.
 */
export const guardOutput = (redactor: Redactor): Output => {
  const write = process.stdout.write.bind(process.stdout);
  const writeBeside = process.stderr.write.bind(process.stderr);
  for (const stream of [process.stdout, process.stderr]) {
    const unguarded = stream.write.bind(stream);
    const guarded = (chunk: string | Uint8Array, ...rest: never[]): boolean =>
      unguarded(redactor.redact(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()), ...rest);
    stream.write = guarded;
  }
  let waiting: (() => void) | undefined;
  const settle = (): void => {
    const run = waiting;
    waiting = undefined;
    run?.();
  };
  const say = (text: string): void => {
    settle();
    write(text);
  };
  process.on('exit', settle);
  return {
    soon: (run) => {
      settle();
      waiting = run;
      setTimeout(settle, GATHER_MS).unref();
    },
    line: say,
    secret: (text, beside) => {
      if (beside) writeBeside(text);
      else say(text);
    },
    flush: settle,
    isTerminal: process.stdout.isTTY,
  };
};
