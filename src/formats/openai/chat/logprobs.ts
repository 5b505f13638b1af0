import type { Loose } from '../../../gemini/types.ts';
import type { Logprobs, TokenLogprob } from './wire.ts';

interface Token {
  readonly token?: string | null;
  readonly logProbability?: number | null;
}

interface LogprobsResult {
  readonly chosenCandidates?: readonly Token[] | null;
  readonly topCandidates?: readonly { readonly candidates?: readonly Token[] | null }[] | null;
}

export const toLogprobs = (result: Loose): Logprobs => {
  const { chosenCandidates, topCandidates } = result as LogprobsResult;
  return {
    content: (chosenCandidates ?? []).map((chosen, index) => ({
      ...toToken(chosen),
      top_logprobs: (topCandidates?.[index]?.candidates ?? []).map(toToken),
    })),
    refusal: null,
  };
};

const toToken = ({ token, logProbability }: Token): TokenLogprob => ({
  token: token ?? '',
  logprob: logProbability ?? 0,
  bytes: Array.from(Buffer.from(token ?? '')),
});
