import type { Finish } from '../../../conversation/answer.ts';
import { GrowingText } from '../../../conversation/growing-text.ts';
import { sealSummary } from './compaction.ts';
import type { EventFrames } from './frames.ts';
import type { Output, OutputNeeds } from './output.ts';

/** An answer that is a conversation in few words: one item, and nothing before the whole of it is there. */
export class CompactionWriter implements Output {
  readonly items: string[] = [];
  ending: Finish['kind'] | undefined;
  readonly #needs: OutputNeeds;
  readonly #frames: EventFrames | undefined;
  readonly #summary = new GrowingText();

  constructor(needs: OutputNeeds, frames: EventFrames | undefined) {
    this.#needs = needs;
    this.#frames = frames;
  }

  get keptBytes(): number {
    return this.#summary.keptBytes;
  }

  text(_index: number, text: string): void {
    this.#summary.add(text);
  }

  finish(_index: number, { kind }: Finish): void {
    this.ending = kind;
    const item =
      `{"id":"${this.#needs.newId('cmp_')}","type":"compaction",` +
      `"encrypted_content":"${sealSummary(this.#summary.all())}"}`;
    this.#frames?.send('response.output_item.added', `"output_index":0,"item":${item}`);
    this.#frames?.send('response.output_item.done', `"output_index":0,"item":${item}`);
    this.items.push(item);
  }

  settle(): void {
    this.#summary.settle();
  }

  // A summary is words, and what the model says beside them is not for anybody.
  open(): void {}
  thought(): void {}
  call(): void {}
  image(): void {}
  signature(): void {}
  logprobs(): void {}
  citations(): void {}
}
