/** The pieces of an answer as OpenAI spells them. A whole message is its deltas put together. */
import type { Modality } from '../../../gemini/usage.ts';

export interface ExtraContent {
  readonly google: { readonly thought_signature: string };
}

export interface FunctionToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
  readonly extra_content?: ExtraContent;
}

export interface CustomToolCall {
  readonly id: string;
  readonly type: 'custom';
  readonly custom: { readonly name: string; readonly input: string };
  readonly extra_content?: ExtraContent;
}

export type ToolCall = FunctionToolCall | CustomToolCall;

export interface Image {
  readonly type: 'image_url';
  readonly index: number;
  readonly image_url: { readonly url: string };
  readonly extra_content?: ExtraContent;
}

export interface Annotation {
  readonly type: 'url_citation';
  readonly url_citation: {
    readonly start_index: number;
    readonly end_index: number;
    readonly url: string;
    readonly title: string;
  };
}

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

export interface Logprobs {
  readonly content: readonly (TokenLogprob & { readonly top_logprobs: readonly TokenLogprob[] })[];
  readonly refusal: null;
}

export interface Delta {
  readonly refusal?: string;
  readonly function_call?: { readonly name: string; readonly arguments: string };
  readonly images?: readonly Image[];
  readonly annotations?: readonly Annotation[];
  readonly extra_content?: ExtraContent;
}

export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'function_call';

export interface ChoiceFinish {
  readonly reason: FinishReason;
  /** Google's own word. */
  readonly native: string;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number } & ModalityTokens;
  readonly completion_tokens_details: { readonly reasoning_tokens: number } & ModalityTokens;
}

/** `audio_tokens` as in OpenAI's chat, `text_tokens` and `image_tokens` as in its other APIs, the rest by their pattern. */
export type ModalityTokens = { readonly [Name in Modality as `${Name}_tokens`]?: number };

export const extraContent = (signature: string | undefined): { readonly extra_content?: ExtraContent } =>
  signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
