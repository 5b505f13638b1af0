import { GrowingText } from './growing-text.ts';

const GAP = '\n\n';
/** Longer than 65 536 tokens of prose. Pictures in a text, or a flood from upstream, must not fill the memory (R23). */
const KEPT_LENGTH = 400_000;

/** The text of one choice as it grows: its beginning is kept for the citations, whose places are known only at the end. */
export class AnswerText {
  /** Of batches that have gone by: an answer that comes at once has none. */
  #settled: GrowingText | undefined;
  /** As it came in this batch. */
  #fresh = '';
  #length = 0;
  /** So many are the last letters that were sent, of those that a gap has. */
  #newLines = 0;
  #gapDue = false;
  readonly #starts: (number | undefined)[] = [];

  /** Text of the model; `partIndex` of none that something could point to. Returns what is to be sent. */
  text(text: string, partIndex: number | undefined): string {
    const sent = this.#gapDue && !text.startsWith(GAP) ? GAP + text : text;
    this.#gapDue = false;
    if (partIndex !== undefined) this.#starts[partIndex] ??= this.#length + sent.length - text.length;
    if (sent === '') return sent;
    const room = KEPT_LENGTH - this.#length;
    if (room > 0) this.#fresh += sent.length > room ? sent.slice(0, room) : sent;
    this.#length += sent.length;
    this.#newLines = sent.endsWith('\n') ? newLinesBehind(sent, this.#newLines) : 0;
    return sent;
  }

  /** Something of its own between the texts, with a blank line around it. */
  block(text: string): string {
    this.#gapDue = this.#length > 0 && this.#newLines < GAP.length;
    const sent = this.text(text, undefined);
    this.#gapDue = true;
    return sent;
  }

  /** Nothing was sent. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** The beginning of what was sent: all of it, but for answers of a length that no model with citations writes. */
  get kept(): string {
    return (this.#settled?.all() ?? '') + this.#fresh;
  }

  /** Where the text of a part begins. */
  startOf(partIndex: number): number {
    return this.#starts[partIndex] ?? 0;
  }

  /** Lets go of the texts that this batch came in. Returns how many bytes are kept. */
  settle(): number {
    if (this.#fresh === '') return this.#settled?.keptBytes ?? 0;
    this.#settled ??= new GrowingText();
    const kept = this.#settled.settle(this.#fresh);
    this.#fresh = '';
    return kept;
  }
}

/** At its end, with those before it where it is nothing else. */
const newLinesBehind = (text: string, before: number): number =>
  text.endsWith(GAP) ? GAP.length : text === '\n' ? Math.min(before + 1, GAP.length) : 1;
