import { incompleteAnswer, malformedCall } from '../errors/answers.ts';
import type { CallEvent, BlobEvent, GeminiEvent } from '../gemini/events.ts';
import { isMalformedCall } from '../gemini/substance.ts';
import type { Loose } from '../gemini/types.ts';
import type { AnswerSink } from './answer.ts';
import { AnswerText } from './answer-text.ts';
import { codeBlock, isImage, resultBlock, toMarkdown } from './blocks.ts';
import type { CallWriter } from './calls.ts';
import { groundingCitations, recitedCitations } from './citations.ts';
import { createFenceStripper, type FenceStripper } from './fence.ts';
import { finishKind } from './finish.ts';
import { Grounding } from './grounding.ts';
import type { AnswerReading } from './reading.ts';

export type CandidateEvent = Exclude<GeminiEvent, { readonly kind: 'blocked' }>;

/** One candidate of an answer. What it says goes to the sink as it comes; what is known only at the end, at the end. */
export class Candidate {
  readonly index: number;
  readonly #reading: AnswerReading;
  readonly #calls: Pick<CallWriter, 'write'>;
  readonly #sink: AnswerSink;
  readonly #content = new AnswerText();
  readonly #fence: FenceStripper | undefined;
  #isOpen = false;
  #callCount = 0;
  #images = 0;
  #recited: Loose | undefined;
  #grounding: Grounding | undefined;
  #ending: { readonly reason: string; readonly message: string | undefined } | undefined;

  constructor(index: number, reading: AnswerReading, calls: Pick<CallWriter, 'write'>, sink: AnswerSink) {
    this.index = index;
    this.#reading = reading;
    this.#calls = calls;
    this.#sink = sink;
    this.#fence = reading.stripFence ? createFenceStripper() : undefined;
  }

  text(text: string, partIndex: number, isPlain: boolean): void {
    const visible = this.#fence ? this.#fence.push(text) : text;
    if (visible === '') return;
    const sent = this.#content.text(visible, partIndex);
    this.#open();
    this.#sink.text(this.index, sent, isPlain && sent === text);
  }

  thought(text: string, isPlain: boolean): void {
    if (!this.#reading.showThoughts) return;
    this.#open();
    this.#sink.thought(this.index, text, isPlain);
  }

  take(event: CandidateEvent): void {
    switch (event.kind) {
      case 'call':
        this.#sendCall(event);
        break;
      case 'blob':
        this.#sendBlob(event);
        break;
      case 'code':
        this.#sendBlock(codeBlock(event.language, event.code));
        break;
      case 'codeResult':
        this.#sendBlock(resultBlock(event.outcome, event.output));
        break;
      case 'signature':
        this.#open();
        this.#sink.signature(this.index, event.signature);
        break;
      case 'grounding':
        this.#grounding ??= new Grounding();
        this.#grounding.add(event.metadata);
        break;
      case 'citation':
        this.#recited = event.metadata;
        break;
      case 'logprobs':
        if (!this.#reading.logprobs) break;
        this.#open();
        this.#sink.logprobs(this.index, event.result);
        break;
      case 'finish':
        this.#ending = event;
        break;
    }
  }

  /** This batch is through, and more may take minutes. Returns how much stays until its end, or until what follows is there. */
  settle(): number {
    return this.#content.settle() + (this.#fence?.keptBytes() ?? 0) + (this.#grounding?.keptBytes ?? 0);
  }

  /** Throws where the candidate is no answer. Of all candidates before any of them ends. */
  check(): void {
    if (!this.#ending) throw incompleteAnswer();
    if (isMalformedCall(this.#ending.reason) && this.#isSilent()) throw malformedCall(this.#ending.reason);
  }

  end(): void {
    const { reason, message } = this.#ending ?? { reason: 'STOP', message: undefined };
    const rest = this.#fence?.end() ?? '';
    this.#open();
    if (rest !== '') this.#sink.text(this.index, this.#content.text(rest, 0), false);
    if (this.#grounding || this.#recited) this.#sendCitations();
    const kind = finishKind(reason, this.#callCount);
    const isRefused = kind === 'filtered' && this.#isSilent();
    const refusal = isRefused ? (message ?? `Response blocked (${reason})`) : undefined;
    this.#sink.finish(this.index, { kind, reason, refusal });
  }

  /** But for thoughts. */
  #isSilent(): boolean {
    return this.#callCount === 0 && this.#images === 0 && this.#content.isEmpty;
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#sink.open(this.index);
  }

  #sendBlock(text: string): void {
    this.#open();
    this.#sink.text(this.index, this.#content.block(text), false);
  }

  #sendBlob(blob: BlobEvent): void {
    if (!isImage(blob) || this.#reading.imagesAs !== 'images') {
      this.#sendBlock(toMarkdown(blob));
      return;
    }
    this.#open();
    this.#sink.image(this.index, this.#images, blob);
    this.#images += 1;
  }

  #sendCall(event: CallEvent): void {
    // The first call of a step carries the signature, so it is the one that stays.
    if (this.#callCount > 0 && this.#reading.singleCall) return;
    const call = this.#calls.write(event);
    this.#open();
    this.#sink.call(this.index, this.#callCount, call);
    this.#callCount += 1;
  }

  #sendCitations(): void {
    const grounding = this.#grounding?.all;
    const citations = [
      ...(grounding ? groundingCitations(grounding, this.#content) : []),
      ...(this.#recited ? recitedCitations(this.#recited, this.#content) : []),
    ];
    this.#sink.citations(this.index, citations, grounding);
  }
}
