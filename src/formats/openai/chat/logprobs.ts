import type { Loose } from '../../../gemini/types.ts';
import type { Logprobs, TokenLogprob } from './wire.ts';

interface Token {
  readonly token?: string;
  readonly logProbability?: number;
}

interface LogprobsResult {
  readonly chosenCandidates?: readonly Token[];
  readonly topCandidates?: readonly { readonly candidates?: readonly Token[] }[];
}

export const toLogprobs = (result: Loose): Logprobs => {
  const { chosenCandidates = [], topCandidates = [] } = result as LogprobsResult;
  return {
    content: chosenCandidates.map((chosen, index) => ({
      ...toToken(chosen),
      top_logprobs: (topCandidates[index]?.candidates ?? []).map(toToken),
    })),
    refusal: null,
  };
};

const toToken = ({ token = '', logProbability = 0 }: Token): TokenLogprob => ({
  token,
  logprob: logProbability,
  bytes: [...Buffer.from(token)],
});
