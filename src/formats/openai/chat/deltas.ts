import type { AnswerSink, Finish } from '../../../conversation/answer.ts';
import { AnswerReader } from '../../../conversation/answer-reader.ts';
import { dataUrl } from '../../../conversation/blocks.ts';
import type { CallNeeds, ModelCall } from '../../../conversation/calls.ts';
import type { Citation } from '../../../conversation/citations.ts';
import type { BlobEvent } from '../../../gemini/events.ts';
import type { Loose } from '../../../gemini/types.ts';
import type { ChatReading } from './decode.ts';
import { toLogprobs } from './logprobs.ts';
import { extraContent } from './wire.ts';
import type { Annotation, Delta, DeltaSink, FinishReason, Image, ToolCall } from './wire.ts';

/** From Google's chunks to the deltas of a chat answer, streamed or whole. */
export const readDeltas = (reading: ChatReading, needs: CallNeeds, sink: DeltaSink): AnswerReader =>
  new AnswerReader(reading, needs, new Deltas(reading.legacyFunctions, sink));

/** The steps of an answer as OpenAI's chat spells them. */
class Deltas implements AnswerSink {
  readonly keptBytes = 0;
  readonly #legacyFunctions: boolean;
  readonly #sink: DeltaSink;
  /** Of texts, by candidate: told at the end. */
  readonly #signatures: (string | undefined)[] = [];

  constructor(legacyFunctions: boolean, sink: DeltaSink) {
    this.#legacyFunctions = legacyFunctions;
    this.#sink = sink;
  }

  open(index: number): void {
    this.#sink.open(index);
  }

  text(index: number, text: string, isPlain: boolean): void {
    this.#sink.text(index, 'content', text, isPlain);
  }

  thought(index: number, text: string, isPlain: boolean): void {
    this.#sink.text(index, 'reasoning_content', text, isPlain);
  }

  call(index: number, place: number, call: ModelCall): void {
    const written = toToolCall(call);
    if (this.#legacyFunctions && written.type === 'function') this.#send(index, { function_call: written.function });
    else this.#sink.call(index, place, written);
  }

  image(index: number, place: number, image: BlobEvent): void {
    this.#send(index, { images: [toImage(image, place)] });
  }

  signature(index: number, signature: string): void {
    this.#signatures[index] = signature;
  }

  logprobs(index: number, result: Loose): void {
    this.#sink.other({ index, delta: NO_DELTA, logprobs: toLogprobs(result) });
  }

  citations(index: number, citations: readonly Citation[]): void {
    if (citations.length > 0) this.#send(index, { annotations: citations.map(toAnnotation) });
  }

  finish(index: number, { kind, reason, refusal }: Finish): void {
    if (refusal !== undefined) this.#send(index, { refusal });
    const signature = this.#signatures[index];
    if (signature !== undefined) this.#send(index, extraContent(signature));
    const told = kind === 'calls' && this.#legacyFunctions ? 'function_call' : FINISH_REASONS[kind];
    this.#sink.other({ index, delta: NO_DELTA, finish: { reason: told, native: reason.toLowerCase() } });
  }

  #send(index: number, delta: Delta): void {
    this.#sink.other({ index, delta });
  }
}

const NO_DELTA: Delta = {};

const FINISH_REASONS = {
  stop: 'stop',
  calls: 'tool_calls',
  length: 'length',
  filtered: 'content_filter',
} as const satisfies Record<Finish['kind'], FinishReason>;

const toToolCall = ({ id, name, args, input, signature }: ModelCall): ToolCall => ({
  id,
  ...(input === undefined
    ? { type: 'function', function: { name, arguments: args } }
    : { type: 'custom', custom: { name, input } }),
  ...extraContent(signature),
});

/** The shape that OpenRouter gave to images in chat answers; clients that show images read it. */
const toImage = (image: BlobEvent, index: number): Image => ({
  type: 'image_url',
  index,
  image_url: { url: dataUrl(image) },
  ...extraContent(image.signature),
});

const toAnnotation = ({ start, end, url, title }: Citation): Annotation => ({
  type: 'url_citation',
  url_citation: { start_index: start, end_index: end, url, title },
});
