import { incompleteAnswer, malformedCall } from '../errors/answers.ts';
import type { MoreText } from '../gemini/call.ts';
import type { GeminiEvent } from '../gemini/events.ts';
import type { Loose } from '../gemini/types.ts';
import { citationAnnotations, groundingAnnotations } from './citations.ts';
import { AnswerText } from './answer-text.ts';
import type { ChatReading } from '../formats/openai/chat/decode.ts';
import { createFenceStripper, type FenceStripper } from './fence.ts';
import { isFiltered, isMalformedCall, toFinishReason } from '../formats/openai/chat/finish-reason.ts';
import { Grounding } from './grounding.ts';
import { toLogprobs } from '../formats/openai/chat/logprobs.ts';
import { codeBlock, isImage, resultBlock, toImage, toMarkdown } from '../formats/openai/chat/media.ts';
import type { ToolCallWriter } from '../formats/openai/chat/tool-calls.ts';
import { extraContent } from '../formats/openai/chat/wire.ts';
import type { Delta, DeltaSink, Logprobs, TextMember } from '../formats/openai/chat/wire.ts';

/** Events of one candidate. */
export type CandidateEvent = Exclude<GeminiEvent, { readonly kind: 'usage' | 'blocked' }>;

/** One choice of the answer. What it says goes to the sink as it comes; what is known only at the end, at the end. */
export class Choice {
  readonly index: number;
  readonly #reading: ChatReading;
  readonly #toolCalls: ToolCallWriter;
  readonly #sink: DeltaSink;
  readonly #content = new AnswerText();
  readonly #fence: FenceStripper | undefined;
  #opened = false;
  #calls = 0;
  #images = 0;
  #textSignature: string | undefined;
  #citations: Loose | undefined;
  #grounding: Grounding | undefined;
  #ending: { readonly reason: string; readonly message: string | undefined } | undefined;

  constructor(index: number, reading: ChatReading, toolCalls: ToolCallWriter, sink: DeltaSink) {
    this.index = index;
    this.#reading = reading;
    this.#toolCalls = toolCalls;
    this.#sink = sink;
    this.#fence = reading.stripFence ? createFenceStripper() : undefined;
  }

  take(event: CandidateEvent): void {
    switch (event.kind) {
      case 'text':
        this.#takeText(event.text, event.partIndex, false);
        break;
      case 'thought':
        this.#takeThought(event.text, false);
        break;
      case 'call':
        this.#sendCall(event);
        break;
      case 'blob':
        if (isImage(event) && this.#reading.imagesAs === 'images') {
          this.#send({ images: [toImage(event, this.#images)] });
          this.#images += 1;
        } else {
          this.#sendBlock(toMarkdown(event));
        }
        break;
      case 'code':
        this.#sendBlock(codeBlock(event.language, event.code));
        break;
      case 'codeResult':
        this.#sendBlock(resultBlock(event.outcome, event.output));
        break;
      case 'signature':
        this.#textSignature = event.signature;
        break;
      case 'grounding':
        this.#grounding ??= new Grounding();
        this.#grounding.add(event.metadata);
        break;
      case 'citation':
        this.#citations = event.metadata;
        break;
      case 'logprobs':
        if (this.#reading.logprobs) this.#send({}, toLogprobs(event.result));
        break;
      case 'finish':
        this.#ending = event;
        break;
    }
  }

  /** The same as the event of this text. */
  takeMore({ kind, text, partIndex, isPlain }: MoreText): void {
    if (kind === 'text') this.#takeText(text, partIndex, isPlain);
    else this.#takeThought(text, isPlain);
  }

  /** This batch is through, and more may take minutes. */
  settle(): void {
    this.#content.settle();
  }

  /** Throws where the candidate is no answer. Of all choices before any of them ends. */
  check(): void {
    if (!this.#ending) throw incompleteAnswer();
    if (isMalformedCall(this.#ending.reason) && this.#isSilent()) throw malformedCall(this.#ending.reason);
  }

  end(): void {
    const { reason, message } = this.#ending ?? { reason: 'STOP', message: undefined };
    const rest = this.#fence?.end() ?? '';
    if (rest !== '') this.#sendText('content', this.#content.text(rest, 0), false);
    if (this.#grounding || this.#citations) this.#sendAnnotations();
    if (isFiltered(reason) && this.#isSilent()) this.#send({ refusal: message ?? `Response blocked (${reason})` });
    if (this.#textSignature !== undefined) this.#send(extraContent(this.#textSignature));
    this.#open();
    const finish = {
      reason: toFinishReason(reason, this.#calls, this.#reading.legacyFunctions),
      native: reason.toLowerCase(),
    };
    this.#sink.other({ index: this.index, delta: NO_DELTA, finish });
  }

  #isSilent(): boolean {
    return this.#calls === 0 && this.#images === 0 && this.#content.isEmpty;
  }

  #open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#sink.open(this.index);
  }

  #send(delta: Delta, logprobs?: Logprobs): void {
    this.#open();
    this.#sink.other({ index: this.index, delta, logprobs });
  }

  #sendText(member: TextMember, text: string, isPlain: boolean): void {
    this.#open();
    this.#sink.text(this.index, member, text, isPlain);
  }

  #sendBlock(text: string): void {
    this.#sendText('content', this.#content.block(text), false);
  }

  #takeText(text: string, partIndex: number, isPlain: boolean): void {
    const visible = this.#fence ? this.#fence.push(text) : text;
    if (visible === '') return;
    const sent = this.#content.text(visible, partIndex);
    this.#sendText('content', sent, isPlain && sent === text);
  }

  #takeThought(text: string, isPlain: boolean): void {
    if (this.#reading.showThoughts) this.#sendText('reasoning_content', text, isPlain);
  }

  #sendCall(event: Extract<CandidateEvent, { readonly kind: 'call' }>): void {
    const { singleCall, legacyFunctions } = this.#reading;
    // The first call of a step carries the signature, so it is the one that stays.
    if (this.#calls > 0 && (singleCall || legacyFunctions)) return;
    const call = this.#toolCalls.write(event);
    if (legacyFunctions && call.type === 'function') {
      this.#send({ function_call: call.function });
    } else {
      this.#open();
      this.#sink.call(this.index, this.#calls, call);
    }
    this.#calls += 1;
  }

  #sendAnnotations(): void {
    const annotations = [
      ...(this.#grounding ? groundingAnnotations(this.#grounding.all, this.#content) : []),
      ...(this.#citations ? citationAnnotations(this.#citations, this.#content) : []),
    ];
    if (annotations.length > 0) this.#send({ annotations });
  }
}

const NO_DELTA: Delta = {};
