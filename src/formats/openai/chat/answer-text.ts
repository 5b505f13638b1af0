/** The text of one choice as it grows: kept for the citations, whose places are known only at the end. */
export interface AnswerText {
  /** Text of the model. Returns what is to be sent. */
  text(text: string, partIndex: number): string;
  /** Something of its own between the texts, with a blank line around it. */
  block(text: string): string;
  /** All that was sent. */
  all(): string;
  /** Where the text of a part begins. */
  startOf(partIndex: number): number;
}

const GAP = '\n\n';

export const createAnswerText = (): AnswerText => {
  let all = '';
  let gapDue = false;
  const starts = new Map<number, number>();

  return {
    text: (text, partIndex) => {
      const gap = gapDue && !text.startsWith(GAP) ? GAP : '';
      gapDue = false;
      if (!starts.has(partIndex)) starts.set(partIndex, all.length + gap.length);
      all += gap + text;
      return gap + text;
    },
    block: (text) => {
      const gap = all === '' || all.endsWith(GAP) ? '' : GAP;
      gapDue = true;
      all += gap + text;
      return gap + text;
    },
    all: () => all,
    startOf: (partIndex) => starts.get(partIndex) ?? 0,
  };
};
