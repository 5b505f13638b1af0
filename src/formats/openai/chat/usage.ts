import type { UsageMetadata } from '../../../gemini/types.ts';
import type { Usage } from './wire.ts';

/** Cached tokens are part of the prompt and thoughts part of the completion, as OpenAI counts them. */
export const toUsage = (usage: UsageMetadata | undefined): Usage => {
  const prompt = count(usage?.promptTokenCount) + count(usage?.toolUsePromptTokenCount);
  const reasoning = count(usage?.thoughtsTokenCount);
  const completion = count(usage?.candidatesTokenCount) + reasoning;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: count(usage?.totalTokenCount) || prompt + completion,
    prompt_tokens_details: {
      cached_tokens: count(usage?.cachedContentTokenCount),
      ...audioTokens(usage?.['promptTokensDetails']),
    },
    completion_tokens_details: { reasoning_tokens: reasoning, ...audioTokens(usage?.['candidatesTokensDetails']) },
  };
};

const count = (value: number | undefined): number => (typeof value === 'number' ? value : 0);

const audioTokens = (details: unknown): { readonly audio_tokens?: number } => {
  if (!Array.isArray(details)) return {};
  const audio = (details as readonly { modality?: unknown; tokenCount?: unknown }[]).find(
    (detail) => detail.modality === 'AUDIO',
  );
  return typeof audio?.tokenCount === 'number' ? { audio_tokens: audio.tokenCount } : {};
};
