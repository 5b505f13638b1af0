import type { AnswerSink, Finish } from '../../../conversation/answer.ts';
import { dataUrl } from '../../../conversation/blocks.ts';
import type { ModelCall } from '../../../conversation/calls.ts';
import type { Citation } from '../../../conversation/citations.ts';
import type { BlobEvent } from '../../../gemini/events.ts';
import type { Loose } from '../../../gemini/types.ts';
import type { ChatReading } from './decode.ts';
import { toLogprobs } from './logprobs.ts';
import { extraContent } from './wire.ts';
import type { Annotation, ChoiceFinish, Delta, FinishReason, Image, Logprobs, ToolCall } from './wire.ts';

/** The steps of a chat answer as OpenAI spells them. Who extends this writes them into frames, or puts them together. */
export abstract class Deltas implements AnswerSink {
  readonly keptBytes = 0;
  readonly #legacyFunctions: boolean;
  /** Of texts, by candidate: told at the end. */
  #signatures: (string | undefined)[] | undefined;

  constructor({ legacyFunctions }: Pick<ChatReading, 'legacyFunctions'>) {
    this.#legacyFunctions = legacyFunctions;
  }

  abstract open(index: number): void;
  abstract text(index: number, text: string, isPlain: boolean): void;
  abstract thought(index: number, text: string, isPlain: boolean): void;
  /** `place`: which call of the choice this is, from 0. */
  protected abstract toolCall(index: number, place: number, call: ToolCall): void;
  /** One of the rarer steps. */
  protected abstract delta(index: number, delta: Delta): void;
  protected abstract tokens(index: number, logprobs: Logprobs): void;
  protected abstract end(index: number, finish: ChoiceFinish): void;

  call(index: number, place: number, call: ModelCall): void {
    const written = toToolCall(call);
    if (this.#legacyFunctions && written.type === 'function') this.delta(index, { function_call: written.function });
    else this.toolCall(index, place, written);
  }

  image(index: number, place: number, image: BlobEvent): void {
    this.delta(index, { images: [toImage(image, place)] });
  }

  signature(index: number, signature: string): void {
    this.#signatures ??= [];
    this.#signatures[index] = signature;
  }

  logprobs(index: number, result: Loose): void {
    this.tokens(index, toLogprobs(result));
  }

  citations(index: number, citations: readonly Citation[]): void {
    if (citations.length > 0) this.delta(index, { annotations: citations.map(toAnnotation) });
  }

  finish(index: number, { kind, reason, refusal }: Finish): void {
    if (refusal !== undefined) this.delta(index, { refusal });
    const signature = this.#signatures?.[index];
    if (signature !== undefined) this.delta(index, extraContent(signature));
    const told = kind === 'calls' && this.#legacyFunctions ? 'function_call' : FINISH_REASONS[kind];
    this.end(index, { reason: told, native: reason.toLowerCase() });
  }
}

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
