/** The parameters that steer how tokens are chosen, in the names that OpenAI's and Anthropic's clients share. */
import type { Model } from '../gemini/catalogue.ts';
import type { Draft, GenerationConfig } from '../gemini/types.ts';
import type { Ignored } from './ignored.ts';

export const MOST_STOPS = 5;

const toTopK = (topK: number): number => Math.min(Math.max(Math.trunc(topK), 1), MOST_TOP_K);

const MOST_TOP_K = 64;

export interface Sampling {
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
}

/** Sent to a model that ignores them, they would be a 400 one day. */
export const addSampling = (
  config: Draft<GenerationConfig>,
  { temperature, top_p: topP, top_k: topK }: Sampling,
  model: Model,
  ignored: Ignored,
): void => {
  if (!model.sampling) {
    if (temperature !== undefined) ignored.add('temperature');
    if (topP !== undefined) ignored.add('top_p');
    if (topK !== undefined) ignored.add('top_k');
    return;
  }
  if (temperature !== undefined) config['temperature'] = temperature;
  if (topP !== undefined) config['topP'] = topP;
  if (topK !== undefined) config['topK'] = toTopK(topK);
};

export interface Penalties {
  readonly presence_penalty?: number | undefined;
  readonly frequency_penalty?: number | undefined;
}

/** Many programs always send zeros; some models refuse the very names. */
export const addPenalties = (
  config: Draft<GenerationConfig>,
  { presence_penalty: presence, frequency_penalty: frequency }: Penalties,
  model: Model,
  ignored: Ignored,
): void => {
  if (presence !== undefined && presence !== 0) {
    if (model.penalties) config['presencePenalty'] = presence;
    else ignored.add('presence_penalty');
  }
  if (frequency !== undefined && frequency !== 0) {
    if (model.penalties) config['frequencyPenalty'] = frequency;
    else ignored.add('frequency_penalty');
  }
};
