import { responsesOf, textOf } from './check-contents.ts';
import { callsIn, STILL_TO_DO } from './phrases.ts';
import type { Fields } from './values.ts';

/**
 * A conversation in few words, as an agent asks for it when its context is full: what it was about, and the calls that
 * the user wrote down and that are still to be made. With them the agent goes on where it was.
 */
export const summaryOf = (contents: readonly Fields[]): string => {
  const start = contents.findLastIndex((content) => callsIn(textOf(content)).length > 0);
  const asked = contents[start];
  const made = contents.slice(start + 1).filter((content) => responsesOf(content).length > 0).length;
  const left = asked ? callsIn(textOf(asked)).slice(made) : [];
  const lines = left.map(({ name, args }) => `call ${name} ${JSON.stringify(args)}`);
  return `<summary>\nA conversation of ${contents.length} turns, ${made} of them with tools. ${STILL_TO_DO}\n${lines.join('\n')}\n</summary>`;
};
