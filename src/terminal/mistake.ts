import { createRedactor } from '../redactor.ts';

/** What is told where a command line is not understood. */
export const notUnderstood = (problem: string, usage: string): string =>
  `Not understood: ${printable(problem)}.\n\n${usage}\n`;

const MOST = 400;
const HEAD = 200;

/**
 * A sentence that repeats what somebody has typed or pasted: without what a terminal would obey, without a key that got
 * into the wrong place, and with its beginning and its end however long the middle is.
 */
export const printable = (sentence: string): string => {
  const plain = createRedactor()
    .redact(sentence)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return plain.length <= MOST ? plain : `${plain.slice(0, HEAD)} … ${plain.slice(-(MOST - HEAD))}`;
};
