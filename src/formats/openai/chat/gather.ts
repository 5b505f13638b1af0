import { Deltas } from './deltas.ts';
import type {
  Annotation,
  ChoiceFinish,
  Delta,
  ExtraContent,
  FunctionToolCall,
  Image,
  Logprobs,
  ToolCall,
} from './wire.ts';

export interface WholeChoice {
  readonly index: number;
  readonly content: string;
  readonly reasoning: string;
  readonly refusal: string | undefined;
  readonly toolCalls: readonly ToolCall[];
  readonly functionCall: FunctionToolCall['function'] | undefined;
  readonly images: readonly Image[];
  readonly annotations: readonly Annotation[];
  readonly extra: ExtraContent | undefined;
  readonly tokens: Logprobs['content'];
  readonly finish: ChoiceFinish;
}

/**
 * Puts an answer together as it comes, choice by choice. One record that grows: to list the steps and to sort them out
 * at the end took five times as long for a short answer.
 */
export class GatheredAnswer extends Deltas {
  readonly #choices = new Map<number, GrowingChoice>();

  open(index: number): void {
    this.#choices.set(index, {
      index,
      content: '',
      reasoning: '',
      refusal: undefined,
      toolCalls: [],
      functionCall: undefined,
      images: [],
      annotations: [],
      extra: undefined,
      tokens: [],
      finish: { reason: 'stop', native: 'stop' },
    });
  }

  text(index: number, text: string): void {
    this.#choiceOf(index).content += text;
  }

  thought(index: number, text: string): void {
    this.#choiceOf(index).reasoning += text;
  }

  /** What has come so far, in order. */
  choices(): readonly WholeChoice[] {
    return [...this.#choices.values()].sort((one, other) => one.index - other.index);
  }

  protected toolCall(index: number, _place: number, call: ToolCall): void {
    this.#choiceOf(index).toolCalls.push(call);
  }

  protected delta(index: number, delta: Delta): void {
    const choice = this.#choiceOf(index);
    choice.refusal ??= delta.refusal;
    choice.functionCall ??= delta.function_call;
    choice.extra = delta.extra_content ?? choice.extra;
    if (delta.images) for (const image of delta.images) choice.images.push(image);
    if (delta.annotations) for (const annotation of delta.annotations) choice.annotations.push(annotation);
  }

  protected tokens(index: number, { content }: Logprobs): void {
    const { tokens } = this.#choiceOf(index);
    for (const token of content) tokens.push(token);
  }

  protected end(index: number, finish: ChoiceFinish): void {
    this.#choiceOf(index).finish = finish;
  }

  #choiceOf(index: number): GrowingChoice {
    const choice = this.#choices.get(index);
    if (!choice) throw new Error('a step of a choice that was not opened');
    return choice;
  }
}

type GrowingChoice = { -readonly [K in keyof WholeChoice]: Growing<WholeChoice[K]> };
type Growing<T> = T extends readonly (infer Member)[] ? Member[] : T;
