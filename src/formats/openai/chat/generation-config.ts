/** The parameters that steer generation → generationConfig. */
import { createHash } from 'node:crypto';
import type { Model } from '../../../gemini/models.ts';
import { SMALL_CAP, thinkingForSmallCap } from '../../../gemini/thinking.ts';
import type { GenerationConfig, ThinkingConfig } from '../../../gemini/types.ts';
import type { Ignored } from '../ignored.ts';
import { refusal } from '../refusal.ts';
import type { ChatRequest } from './request.ts';
import { decodeThinking } from './thinking-settings.ts';

export const decodeGenerationConfig = (request: ChatRequest, model: Model, ignored: Ignored): GenerationConfig => {
  const stopSequences = toStopSequences(request.stop);
  return withoutUndefined({
    temperature: request.temperature,
    topP: request.top_p,
    topK: request.top_k === undefined ? undefined : Math.min(Math.max(Math.trunc(request.top_k), 1), MOST_TOP_K),
    candidateCount: request.n === 1 ? undefined : request.n,
    stopSequences: stopSequences.length > 0 ? stopSequences : undefined,
    seed: request.seed === undefined ? undefined : toInt32(request.seed),
    ...toPenalties(request, model, ignored),
    ...toLogprobs(request),
    ...toOutputLimits(request, model, ignored),
    ...toModalities(request, model, ignored),
  });
};

/** Whether the client asks for images and will look for them in a field of their own. */
export const wantsImages = (request: ChatRequest): boolean =>
  [...(request.modalities ?? []), ...(request.google.response_modalities ?? [])].some(
    (modality) => modality.toLowerCase() === 'image',
  ) || request.image_config !== undefined;

const MOST_TOP_K = 64;
const MOST_STOPS = 5;

const toStopSequences = (stop: string | string[] | undefined): readonly string[] => {
  const sequences = (typeof stop === 'string' ? [stop] : (stop ?? [])).filter((sequence) => sequence !== '');
  if (sequences.length <= MOST_STOPS) return sequences;
  throw refusal('invalid_value', 'stop', `'stop' may hold at most ${MOST_STOPS} sequences.`);
};

const INT32_MAX = 2n ** 31n - 1n;
const INT32_MIN = -(2n ** 31n);

/** Google's seeds have 32 bits; a longer one is folded, always in the same way. */
const toInt32 = (seed: bigint): number =>
  seed >= INT32_MIN && seed <= INT32_MAX
    ? Number(seed)
    : createHash('sha256').update(String(seed)).digest().readUInt32BE() & 0x7fffffff;

/** Many programs always send zeros; some models refuse the very names. */
const toPenalties = (request: ChatRequest, model: Model, ignored: Ignored): Maybe<GenerationConfig> => {
  const presencePenalty = request.presence_penalty === 0 ? undefined : request.presence_penalty;
  const frequencyPenalty = request.frequency_penalty === 0 ? undefined : request.frequency_penalty;
  if (model.penalties) return { presencePenalty, frequencyPenalty };
  if (presencePenalty !== undefined) ignored.add('presence_penalty');
  if (frequencyPenalty !== undefined) ignored.add('frequency_penalty');
  return {};
};

const toLogprobs = ({ logprobs, top_logprobs: top }: ChatRequest): Maybe<GenerationConfig> => {
  if (logprobs === true) return { responseLogprobs: true, logprobs: top };
  if (top === undefined || top === 0) return {};
  throw refusal('invalid_value', 'top_logprobs', "'top_logprobs' needs 'logprobs' to be true.");
};

const toOutputLimits = (request: ChatRequest, model: Model, ignored: Ignored): Maybe<GenerationConfig> => {
  const { max_completion_tokens: first, max_tokens: second } = request;
  if (first !== undefined && second !== undefined && first !== second) ignored.add('max_tokens');
  const asked = first ?? second;
  const { config, explicit } = decodeThinking(request, model, ignored);
  if (asked === undefined) return { thinkingConfig: config };
  const cap = Math.min(asked, model.outputTokenLimit);
  if (explicit || cap >= SMALL_CAP) return { maxOutputTokens: cap, thinkingConfig: config };
  const small = thinkingForSmallCap(model, cap);
  return { maxOutputTokens: small.maxOutputTokens, thinkingConfig: asShown(small.thinkingConfig ?? config, config) };
};

/** The small cap decides how much to think; whether thoughts are shown stays as it was. */
const asShown = (chosen: ThinkingConfig | undefined, asked: ThinkingConfig | undefined): ThinkingConfig | undefined =>
  asked?.includeThoughts === false ? { ...chosen, includeThoughts: false } : chosen;

const toModalities = (request: ChatRequest, model: Model, ignored: Ignored): Maybe<GenerationConfig> => {
  const modalities = (request.modalities ?? []).map((modality) => modality.toLowerCase());
  const own = request.google.response_modalities?.map((modality) => modality.toUpperCase());
  if (modalities.includes('audio')) {
    throw refusal('unsupported_value', 'modalities', "'modalities': these models do not speak; ask for text or image.");
  }
  const unknown = modalities.find((modality) => modality !== 'text' && modality !== 'image');
  if (unknown !== undefined) throw refusal('invalid_value', 'modalities', "'modalities' may hold text and image.");
  const size = request.google.image_config ?? request.image_config;
  if (size && !model.outputsImages) ignored.add('image_config');
  const imageConfig = { aspectRatio: size?.aspect_ratio, imageSize: size?.image_size };
  return {
    responseModalities: own ?? (modalities.includes('image') ? ['TEXT', 'IMAGE'] : undefined),
    imageConfig: size && model.outputsImages ? withoutUndefined(imageConfig) : undefined,
  };
};

/** A field may be there and undefined; in the end it is not there. */
type Maybe<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

const withoutUndefined = (fields: Maybe<GenerationConfig>): GenerationConfig =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
