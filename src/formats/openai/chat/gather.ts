import type {
  Annotation,
  ChoiceDelta,
  DeltaSink,
  ExtraContent,
  FinishReason,
  FunctionToolCall,
  Image,
  Logprobs,
  TextMember,
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
  readonly finish: { readonly reason: FinishReason; readonly native: string };
}

/**
 * Puts an answer together as it comes, choice by choice. One record that grows: to list the steps and to sort them out
 * at the end took five times as long for a short answer.
 */
export class GatheredAnswer implements DeltaSink {
  readonly #choices: GrowingChoice[] = [];

  open(index: number): void {
    this.#choices.push(openChoice(index));
  }

  text(index: number, member: TextMember, text: string): void {
    const choice = this.#choiceOf(index);
    if (member === 'content') choice.content += text;
    else choice.reasoning += text;
  }

  call(index: number, _place: number, call: ToolCall): void {
    this.#choiceOf(index).toolCalls.push(call);
  }

  other(step: ChoiceDelta): void {
    add(this.#choiceOf(step.index), step);
  }

  /** What has come so far, in order. */
  choices(): readonly WholeChoice[] {
    return this.#choices.sort((one, other) => one.index - other.index);
  }

  // A request asks for eight at most, and mostly for one.
  #choiceOf(index: number): GrowingChoice {
    for (const choice of this.#choices) if (choice.index === index) return choice;
    throw new Error('a step of a choice that was not opened');
  }
}

type GrowingChoice = { -readonly [K in keyof WholeChoice]: Growing<WholeChoice[K]> };
type Growing<T> = T extends readonly (infer Member)[] ? Member[] : T;

const openChoice = (index: number): GrowingChoice => ({
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

const add = (choice: GrowingChoice, { delta, logprobs, finish }: ChoiceDelta): void => {
  choice.refusal ??= delta.refusal;
  choice.functionCall ??= delta.function_call;
  choice.extra = delta.extra_content ?? choice.extra;
  if (delta.images) for (const image of delta.images) choice.images.push(image);
  if (delta.annotations) for (const annotation of delta.annotations) choice.annotations.push(annotation);
  if (logprobs) for (const token of logprobs.content) choice.tokens.push(token);
  choice.finish = finish ?? choice.finish;
};
