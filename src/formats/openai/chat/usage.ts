import type { TokensByModality, TokenUsage } from '../../../gemini/usage.ts';
import type { ModalityTokens, Usage } from './wire.ts';

/** Cached tokens are part of the prompt and thoughts part of the completion, as OpenAI counts them. */
export const toUsage = ({ input, cached, output, thoughts, total, inputBy, outputBy }: TokenUsage): Usage => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: total,
  prompt_tokens_details: { cached_tokens: cached, ...toModalityTokens(inputBy) },
  completion_tokens_details: { reasoning_tokens: thoughts, ...toModalityTokens(outputBy) },
});

export const toModalityTokens = (tokens: TokensByModality): ModalityTokens => {
  const spelled: { -readonly [Name in keyof ModalityTokens]: ModalityTokens[Name] } = {};
  if (tokens.text !== undefined) spelled.text_tokens = tokens.text;
  if (tokens.image !== undefined) spelled.image_tokens = tokens.image;
  if (tokens.video !== undefined) spelled.video_tokens = tokens.video;
  if (tokens.audio !== undefined) spelled.audio_tokens = tokens.audio;
  if (tokens.document !== undefined) spelled.document_tokens = tokens.document;
  return spelled;
};
