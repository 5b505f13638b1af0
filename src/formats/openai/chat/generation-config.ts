/** The parameters that steer generation → generationConfig. */
import { createHash } from 'node:crypto';
import type { Model } from '../../../gemini/catalogue.ts';
import { addPenalties, addSampling, MOST_STOPS } from '../../../conversation/sampling.ts';
import { addOutputLimit } from '../../../conversation/thinking.ts';
import type { Draft, GenerationConfig } from '../../../gemini/types.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { refusal } from '../../../errors/refusal.ts';
import type { ChatRequest } from './request.ts';
import { decodeThinking } from './thinking-settings.ts';

export const decodeGenerationConfig = (request: ChatRequest, model: Model, ignored: Ignored): GenerationConfig => {
  const config: Draft<GenerationConfig> = {};
  const { n, stop, seed, modalities, google } = request;
  addSampling(config, request, model, ignored);
  if (n !== undefined && n !== 1) {
    if (!model.candidates) throw refusal('unsupported_value', 'n', `'n' must be 1: ${model.id} gives one answer.`);
    config.candidateCount = n;
  }
  if (stop !== undefined) addStopSequences(config, stop);
  if (seed !== undefined) config['seed'] = toInt32(seed);
  if (request.presence_penalty !== undefined || request.frequency_penalty !== undefined) {
    addPenalties(config, request, model, ignored);
  }
  if (request.logprobs === true || request.top_logprobs !== undefined) addLogprobs(config, request);
  const { max_completion_tokens: first, max_tokens: second } = request;
  if (first !== undefined && second !== undefined && first !== second) ignored.add('max_tokens');
  addOutputLimit(config, first ?? second, decodeThinking(request, model, ignored), model);
  if (modalities || google.response_modalities) addModalities(config, request, ignored);
  const size = google.image_config ?? request.image_config;
  if (size) addImageSize(config, size, model, ignored);
  return config;
};

/** Whether the client asks for images and will look for them in a field of their own. */
export const wantsImages = (request: ChatRequest): boolean =>
  request.image_config !== undefined ||
  (request.modalities?.some(isImage) ?? false) ||
  (request.google.response_modalities?.some(isImage) ?? false);

const isImage = (modality: string): boolean => modality.toLowerCase() === 'image';

const addStopSequences = (config: Draft<GenerationConfig>, stop: string | readonly string[]): void => {
  const sequences = (typeof stop === 'string' ? [stop] : stop).filter((sequence) => sequence !== '');
  if (sequences.length > MOST_STOPS) {
    throw refusal('invalid_value', 'stop', `'stop' may hold at most ${MOST_STOPS} sequences.`);
  }
  if (sequences.length > 0) config['stopSequences'] = sequences;
};

const INT32_MAX = 2n ** 31n - 1n;
const INT32_MIN = -(2n ** 31n);

/** Google's seeds have 32 bits; a longer one is folded, always in the same way. */
const toInt32 = (seed: bigint): number =>
  seed >= INT32_MIN && seed <= INT32_MAX
    ? Number(seed)
    : createHash('sha256').update(String(seed)).digest().readUInt32BE() & 0x7fffffff;

const addLogprobs = (config: Draft<GenerationConfig>, { logprobs, top_logprobs: top }: ChatRequest): void => {
  if (logprobs === true) {
    config['responseLogprobs'] = true;
    if (top !== undefined) config['logprobs'] = top;
  } else if (top !== undefined && top !== 0) {
    throw refusal('invalid_value', 'top_logprobs', "'top_logprobs' needs 'logprobs' to be true.");
  }
};

const addModalities = (config: Draft<GenerationConfig>, request: ChatRequest, ignored: Ignored): void => {
  const { modalities, google } = request;
  const asked = modalities && toResponseModalities(modalities);
  if (google.response_modalities && modalities) ignored.add('modalities');
  const responseModalities = google.response_modalities?.map((modality) => modality.toUpperCase()) ?? asked;
  if (responseModalities) config['responseModalities'] = responseModalities;
};

const addImageSize = (
  config: Draft<GenerationConfig>,
  size: NonNullable<ChatRequest['image_config']>,
  model: Model,
  ignored: Ignored,
): void => {
  if (!model.outputsImages) {
    ignored.add('image_config');
    return;
  }
  const { aspect_ratio: aspectRatio, image_size: imageSize } = size;
  config['imageConfig'] = {
    ...(aspectRatio !== undefined && { aspectRatio }),
    ...(imageSize !== undefined && { imageSize }),
  };
};

const toResponseModalities = (modalities: readonly string[]): readonly string[] | undefined => {
  const words = modalities.map((modality) => modality.toLowerCase());
  if (words.includes('audio')) {
    throw refusal('unsupported_value', 'modalities', "'modalities': these models do not speak; ask for text or image.");
  }
  if (words.some((word) => word !== 'text' && word !== 'image')) {
    throw refusal('invalid_value', 'modalities', "'modalities' may hold text and image.");
  }
  return words.includes('image') ? ['TEXT', 'IMAGE'] : undefined;
};
