import { GrowingText } from '../../../conversation/growing-text.ts';
import { deltaFrame } from './frames.ts';
import type { DeltaFrame, EventFrames } from './frames.ts';

/** What the model thought, as summaries; and the carrier of the signature of what follows. */
export class ReasoningItem {
  readonly #base: string;
  readonly #id: string;
  readonly #index: number;
  readonly #frames: EventFrames | undefined;
  /** JSON of the summaries that are done. */
  readonly #summaries: string[] = [];
  #keptInSummaries = 0;
  #text: GrowingText | undefined;
  #delta: DeltaFrame | undefined;
  #endsLine = false;
  #carrier: string | undefined;

  constructor(id: string, index: number, frames: EventFrames | undefined) {
    this.#base = `"id":"${id}","type":"reasoning"`;
    this.#id = id;
    this.#index = index;
    this.#frames = frames;
    frames?.send(
      'response.output_item.added',
      `"output_index":${index},"item":{${this.#base},"status":"in_progress","summary":[]}`,
    );
  }

  get keptBytes(): number {
    return this.#keptInSummaries + (this.#text?.keptBytes ?? 0);
  }

  thought(text: string, escaped: string): void {
    // Gemini heads each of its thoughts with a title; clients show the title of the newest part.
    if (this.#text && this.#endsLine && text.startsWith('**')) this.#endSummary(this.#text);
    const summary = this.#text ?? this.#beginSummary();
    summary.add(escaped);
    this.#endsLine = text.endsWith('\n');
    if (this.#delta) this.#frames?.sendDelta(this.#delta, escaped);
  }

  carry(carrier: string): void {
    this.#carrier = carrier;
  }

  settle(): void {
    this.#text?.settle();
  }

  close(): string {
    if (this.#text) this.#endSummary(this.#text);
    const carrier = this.#carrier === undefined ? '' : `,"encrypted_content":"${this.#carrier}"`;
    const item = `{${this.#base},"status":"completed","summary":[${this.#summaries.join(',')}]${carrier}}`;
    this.#frames?.send('response.output_item.done', `"output_index":${this.#index},"item":${item}`);
    return item;
  }

  #beginSummary(): GrowingText {
    const place = this.#place();
    if (this.#frames) {
      this.#delta = deltaFrame('response.reasoning_summary_text.delta', place);
      this.#frames.send('response.reasoning_summary_part.added', `${place},"part":{"type":"summary_text","text":""}`);
    }
    this.#text = new GrowingText();
    return this.#text;
  }

  #endSummary(summary: GrowingText): void {
    const place = this.#place();
    const text = summary.all();
    const part = `{"type":"summary_text","text":"${text}"}`;
    this.#frames?.send('response.reasoning_summary_text.done', `${place},"text":"${text}"`);
    this.#frames?.send('response.reasoning_summary_part.done', `${place},"part":${part}`);
    this.#summaries.push(part);
    this.#keptInSummaries += part.length;
    this.#text = undefined;
  }

  #place(): string {
    return `"item_id":"${this.#id}","output_index":${this.#index},"summary_index":${this.#summaries.length}`;
  }
}
