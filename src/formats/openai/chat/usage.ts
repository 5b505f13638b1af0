import type { UsageMetadata } from '../../../gemini/types.ts';
import type { Usage } from './wire.ts';

/** Cached tokens are part of the prompt and thoughts part of the completion, as OpenAI counts them. */
export const toUsage = (usage: UsageMetadata | undefined): Usage => {
  const prompt = count(usage?.promptTokenCount) + count(usage?.toolUsePromptTokenCount);
  const reasoning = count(usage?.thoughtsTokenCount);
  const completion = count(usage?.candidatesTokenCount) + reasoning;
  const cached = count(usage?.cachedContentTokenCount);
  const heard = audioTokens(usage?.['promptTokensDetails']);
  const spoken = audioTokens(usage?.['candidatesTokensDetails']);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: count(usage?.totalTokenCount) || prompt + completion,
    prompt_tokens_details:
      heard === undefined ? { cached_tokens: cached } : { cached_tokens: cached, audio_tokens: heard },
    completion_tokens_details:
      spoken === undefined ? { reasoning_tokens: reasoning } : { reasoning_tokens: reasoning, audio_tokens: spoken },
  };
};

const count = (value: number | undefined): number => (typeof value === 'number' ? value : 0);

const audioTokens = (details: unknown): number | undefined => {
  if (!Array.isArray(details)) return undefined;
  const audio = (details as readonly { modality?: unknown; tokenCount?: unknown }[]).find(
    (detail) => detail.modality === 'AUDIO',
  );
  return typeof audio?.tokenCount === 'number' ? audio.tokenCount : undefined;
};
