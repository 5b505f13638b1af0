import type { Citation } from '../../../conversation/citations.ts';
import { GrowingText } from '../../../conversation/growing-text.ts';
import type { Logprobs } from '../chat/wire.ts';
import { deltaFrame } from './frames.ts';
import type { DeltaFrame, EventFrames } from './frames.ts';

const EMPTY = {
  output_text: '{"type":"output_text","text":"","annotations":[],"logprobs":[]}',
  refusal: '{"type":"refusal","refusal":""}',
} as const;

/** A message that is being written: one part, a text or a refusal. */
export class MessageItem {
  readonly #base: string;
  readonly #index: number;
  readonly #place: string;
  readonly #frames: EventFrames | undefined;
  readonly #delta: DeltaFrame | undefined;
  /** Escaped, as it stands in JSON. */
  readonly #text = new GrowingText();
  #length = 0;
  #keptBesides = 0;
  #part: 'output_text' | 'refusal' | undefined;
  readonly #annotations: string[] = [];
  readonly #logprobs: string[] = [];

  constructor(id: string, index: number, frames: EventFrames | undefined) {
    this.#base = `"id":"${id}","type":"message","role":"assistant"`;
    this.#index = index;
    this.#place = `"item_id":"${id}","output_index":${index},"content_index":0`;
    this.#frames = frames;
    if (!frames) return;
    this.#delta = deltaFrame('response.output_text.delta', this.#place, ',"logprobs":[]');
    frames.send(
      'response.output_item.added',
      `"output_index":${index},"item":{${this.#base},"status":"in_progress","content":[]}`,
    );
  }

  get keptBytes(): number {
    return this.#text.keptBytes + this.#keptBesides;
  }

  /** `length`: in characters, unescaped. */
  text(escaped: string, length: number): void {
    if (!this.#part) this.#begin('output_text');
    if (length === 0) return;
    this.#text.add(escaped);
    this.#length += length;
    if (this.#delta) this.#frames?.sendDelta(this.#delta, escaped);
  }

  refuse(refusal: string): void {
    if (!this.#part) this.#begin('refusal');
    const escaped = JSON.stringify(refusal).slice(1, -1);
    this.#text.add(escaped);
    this.#frames?.send('response.refusal.delta', `${this.#place},"delta":"${escaped}"`);
  }

  logprobs(tokens: Logprobs['content']): void {
    if (!this.#part) this.#begin('output_text');
    for (const token of tokens) {
      const json = JSON.stringify(token);
      this.#logprobs.push(json);
      this.#keptBesides += json.length;
    }
  }

  cite(citations: readonly Citation[]): void {
    for (const { start, end, url, title } of citations) {
      // Of an answer in several messages, places count from the first.
      const annotation = JSON.stringify({
        type: 'url_citation',
        start_index: Math.min(start, this.#length),
        end_index: Math.min(end, this.#length),
        url,
        title,
      });
      this.#frames?.send(
        'response.output_text.annotation.added',
        `${this.#place},"annotation_index":${this.#annotations.length},"annotation":${annotation}`,
      );
      this.#annotations.push(annotation);
      this.#keptBesides += annotation.length;
    }
  }

  settle(): void {
    this.#text.settle();
  }

  /** The item as it stays. */
  close(status: 'completed' | 'incomplete'): string {
    const text = this.#text.all();
    const part = this.#wholePart(text);
    const item = `{${this.#base},"status":"${status}","content":[${part}]}`;
    const frames = this.#frames;
    if (!frames) return item;
    if (this.#part === 'refusal') frames.send('response.refusal.done', `${this.#place},"refusal":"${text}"`);
    else {
      const logprobs = `"logprobs":[${this.#logprobs.join(',')}]`;
      frames.send('response.output_text.done', `${this.#place},"text":"${text}",${logprobs}`);
    }
    frames.send('response.content_part.done', `${this.#place},"part":${part}`);
    frames.send('response.output_item.done', `"output_index":${this.#index},"item":${item}`);
    return item;
  }

  #begin(part: 'output_text' | 'refusal'): void {
    this.#part = part;
    this.#frames?.send('response.content_part.added', `${this.#place},"part":${EMPTY[part]}`);
  }

  #wholePart(text: string): string {
    if (this.#part === 'refusal') return `{"type":"refusal","refusal":"${text}"}`;
    const annotations = this.#annotations.join(',');
    return `{"type":"output_text","text":"${text}","annotations":[${annotations}],"logprobs":[${this.#logprobs.join(',')}]}`;
  }
}
