import type { Redactor } from '../redactor.ts';

export interface Output {
  /** Runs it when this turn of the event loop is over, and in any case before something else is written. */
  soon(run: () => void): void;
  /** Redacted already. */
  line(text: string): void;
  /** Past the redactor: for the one line that shows a new key to its owner. */
  secret(text: string): void;
  readonly isTerminal: boolean;
}

/**
 * The last step of all output of the process, whoever writes it: warnings of Node and prints of libraries go through
 * the redactor too. A reader that has gone away (`| head`) must not end the relay.
 */
export const guardOutput = (redactor: Redactor): Output => {
  const write = process.stdout.write.bind(process.stdout);
  for (const stream of [process.stdout, process.stderr]) {
    const unguarded = stream.write.bind(stream);
    stream.on('error', () => undefined);
    stream.write = (chunk: string | Uint8Array, ...rest: never[]) =>
      unguarded(redactor.redact(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()), ...rest);
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
      setImmediate(settle);
    },
    line: say,
    secret: say,
    isTerminal: process.stdout.isTTY,
  };
};
