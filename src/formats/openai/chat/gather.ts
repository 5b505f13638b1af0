import type { Annotation, ChoiceDelta, ExtraContent, FinishReason, Image, Logprobs, ToolCall } from './wire.ts';

export interface WholeChoice {
  readonly index: number;
  readonly message: Message;
  readonly logprobs: Logprobs | null;
  readonly finish_reason: FinishReason;
  readonly native_finish_reason: string;
}

interface Message {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly refusal: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly function_call?: { readonly name: string; readonly arguments: string };
  readonly images?: readonly Image[];
  readonly annotations?: readonly Annotation[];
  readonly extra_content?: ExtraContent;
}

/** Puts the deltas of a finished answer together, choice by choice. */
export const gatherChoices = (deltas: readonly ChoiceDelta[]): readonly WholeChoice[] =>
  [...Map.groupBy(deltas, ({ index }) => index)]
    .sort(([one], [other]) => one - other)
    .map(([index, own]) => gatherChoice(index, own));

const gatherChoice = (index: number, all: readonly ChoiceDelta[]): WholeChoice => {
  const deltas = all.map(({ delta }) => delta);
  const content = deltas.map((delta) => delta.content ?? '').join('');
  const reasoning = deltas.map((delta) => delta.reasoning_content ?? '').join('');
  const refusal = deltas.find((delta) => delta.refusal !== undefined)?.refusal ?? null;
  const toolCalls = deltas.flatMap((delta) => delta.tool_calls ?? []).map(({ index: _place, ...call }) => call);
  const functionCall = deltas.find((delta) => delta.function_call)?.function_call;
  const images = deltas.flatMap((delta) => delta.images ?? []);
  const annotations = deltas.flatMap((delta) => delta.annotations ?? []);
  const extra = deltas.findLast((delta) => delta.extra_content)?.extra_content;
  const saysNothing = toolCalls.length > 0 || functionCall !== undefined || refusal !== null;
  const tokens = all.flatMap(({ logprobs }) => logprobs?.content ?? []);
  const finish = all.findLast((delta) => delta.finish)?.finish;
  return {
    index,
    message: {
      role: 'assistant',
      content: content === '' && saysNothing ? null : content,
      refusal,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
      ...(functionCall && { function_call: functionCall }),
      ...(images.length > 0 && { images }),
      ...(annotations.length > 0 && { annotations }),
      ...(extra && { extra_content: extra }),
    },
    logprobs: tokens.length > 0 ? { content: tokens, refusal: null } : null,
    finish_reason: finish?.reason ?? 'stop',
    native_finish_reason: finish?.native ?? 'stop',
  };
};
