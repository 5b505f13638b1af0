/** The text of one choice as it grows: its beginning is kept for the citations, whose places are known only at the end. */
export interface AnswerText {
  /** Text of the model. Returns what is to be sent. */
  text(text: string, partIndex: number): string;
  /** Something of its own between the texts, with a blank line around it. */
  block(text: string): string;
  /** Nothing was sent. */
  isEmpty(): boolean;
  /** The beginning of what was sent: all of it, but for answers of a length that no model with citations writes. */
  kept(): string;
  /** Where the text of a part begins. */
  startOf(partIndex: number): number;
}

const GAP = '\n\n';
/** Longer than 65 536 tokens of prose. Pictures in a text, or a flood from upstream, must not fill the memory (R23). */
const KEPT_LENGTH = 400_000;

export const createAnswerText = (): AnswerText => {
  let kept = '';
  let length = 0;
  let tail = '';
  let gapDue = false;
  const starts: (number | undefined)[] = [];

  const add = (text: string): string => {
    if (text === '') return text;
    if (length < KEPT_LENGTH) kept += text.length > KEPT_LENGTH - length ? text.slice(0, KEPT_LENGTH - length) : text;
    length += text.length;
    tail = text.length < GAP.length ? tail.slice(1 - GAP.length) + text : text;
    return text;
  };

  return {
    text: (text, partIndex) => {
      const gap = gapDue && !text.startsWith(GAP) ? GAP : '';
      gapDue = false;
      starts[partIndex] ??= length + gap.length;
      return add(gap === '' ? text : gap + text);
    },
    block: (text) => {
      const gap = length === 0 || tail.endsWith(GAP) ? '' : GAP;
      gapDue = true;
      return add(gap + text);
    },
    isEmpty: () => length === 0,
    kept: () => kept,
    startOf: (partIndex) => starts[partIndex] ?? 0,
  };
};
