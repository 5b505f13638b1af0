import type { TokenUsage } from '../../../gemini/usage.ts';
import { toModalityTokens } from '../chat/usage.ts';

/** Tokens as the routes for sound tell them. */
export const toTokenUsage = ({ input, output, total, inputBy }: TokenUsage) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: total,
  input_token_details: toModalityTokens(inputBy),
});
