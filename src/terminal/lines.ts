import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What is typed or piped in, from now on: lines and an end that come before anybody asks for them are kept. */
export const linesOf = (input: Readable): AsyncIterable<string> & { close(): void } => {
  const reader = createInterface({ input, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => lines,
    close: () => {
      reader.close();
      input.destroy();
    },
  };
};
