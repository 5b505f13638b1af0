import type { Redactor } from './redactor.ts';

export interface Output {
  /** A log line, or several. */
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
  return {
    // The logger has redacted it already.
    line: (text) => void write(text),
    secret: (text) => void write(text),
    isTerminal: process.stdout.isTTY,
  };
};
