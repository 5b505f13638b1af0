import type { Redactor } from '../redactor.ts';

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
  // Lines of one turn of the event loop go out together: under load the write costs more than the line.
  let pending = '';
  const flush = (): void => {
    const text = pending;
    pending = '';
    // The logger has redacted it already.
    if (text !== '') write(text);
  };
  process.on('exit', flush);
  return {
    line: (text) => {
      if (pending === '') setImmediate(flush);
      pending += text;
    },
    secret: (text) => {
      flush();
      write(text);
    },
    isTerminal: process.stdout.isTTY,
  };
};
