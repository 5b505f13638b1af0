import { GrowingText } from './growing-text.ts';

const GAP = '\n\n';
/** Longer than 65 536 tokens of prose. Pictures in a text, or a flood from upstream, must not fill the memory (R23). */
const KEPT_LENGTH = 400_000;

/** The text of one choice as it grows: its beginning is kept for the citations, whose places are known only at the end. */
export class AnswerText {
  readonly #kept = new GrowingText();
  #length = 0;
  /** So many are the last letters that were sent, of those that a gap has. */
  #newLines = 0;
  #gapDue = false;
  readonly #starts: (number | undefined)[] = [];

  /** Text of the model. Returns what is to be sent. */
  text(text: string, partIndex: number): string {
    const gap = this.#gapDue && !text.startsWith(GAP) ? GAP : '';
    this.#gapDue = false;
    this.#starts[partIndex] ??= this.#length + gap.length;
    return this.#add(gap === '' ? text : gap + text);
  }

  /** Something of its own between the texts, with a blank line around it. */
  block(text: string): string {
    const gap = this.#length === 0 || this.#newLines === GAP.length ? '' : GAP;
    this.#gapDue = true;
    return this.#add(gap + text);
  }

  /** Nothing was sent. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The beginning of what was sent: all of it, but for answers of a length that no model with citations writes. */
  get kept(): string {
    return this.#kept.all();
  }

  get keptBytes(): number {
    return this.#kept.keptBytes;
  }

  /** Where the text of a part begins. */
  startOf(partIndex: number): number {
    return this.#starts[partIndex] ?? 0;
  }

  /** Lets go of the texts that this batch came in. */
  settle(): void {
    this.#kept.settle();
  }

  #add(text: string): string {
    if (text === '') return text;
    const room = KEPT_LENGTH - this.#length;
    if (room > 0) this.#kept.add(text.length > room ? text.slice(0, room) : text);
    this.#length += text.length;
    this.#newLines = text.endsWith('\n') ? newLinesBehind(text, this.#newLines) : 0;
    return text;
  }
}

/** At its end, with those before it where it is nothing else. */
const newLinesBehind = (text: string, before: number): number =>
  text.endsWith(GAP) ? GAP.length : text === '\n' ? Math.min(before + 1, GAP.length) : 1;
