/** The parameters that steer generation, thinking among them → generationConfig. */
import type { Ignored } from '../../../conversation/ignored.ts';
import type { JsonAnswer } from '../../../conversation/json-answer.ts';
import { addSampling, MOST_STOPS } from '../../../conversation/sampling.ts';
import {
  addOutputLimit,
  checkEffort,
  decideThinking,
  type ThinkingSettings,
  type ThinkingWish,
} from '../../../conversation/thinking.ts';
import { refusal } from '../../../errors/refusal.ts';
import { normalizeResponseSchema } from '../../../gemini/json-schema.ts';
import type { Model } from '../../../gemini/catalogue.ts';
import type { Draft, GenerationConfig } from '../../../gemini/types.ts';
import type { MessagesRequest } from './request.ts';
import { turnEffort } from './system.ts';

export interface Settings {
  readonly config: GenerationConfig;
  /** Google takes five: the relay itself looks for the others. */
  readonly surplusStops: readonly string[];
  /** The client has thinking blocks, in which signatures can travel. */
  readonly thinkingBlocks: boolean;
}

export const readSettings = (request: MessagesRequest, model: Model, ignored: Ignored): Settings => {
  const config: Draft<GenerationConfig> = {};
  const { thinking } = request;
  const stops = request.stop_sequences?.filter((sequence) => sequence !== '') ?? NO_STOPS;
  addSampling(config, request, model, ignored);
  if (stops.length > 0) config['stopSequences'] = stops.slice(0, MOST_STOPS);
  const thinkingBlocks = thinking?.type !== undefined && thinking.type !== 'disabled';
  const isShown = thinkingBlocks && thinking.display !== 'omitted';
  if (thinking?.display !== undefined && !DISPLAYS.has(thinking.display)) ignored.add('thinking.display');
  addOutputLimit(config, request.max_tokens, readThinking(request, isShown, model, ignored), model);
  return { config, surplusStops: stops.length > MOST_STOPS ? stops.slice(MOST_STOPS) : NO_STOPS, thinkingBlocks };
};

const NO_STOPS: readonly string[] = [];

/** Of a third, `updates`, Google has nothing: all thoughts are shown. */
const DISPLAYS: ReadonlySet<string> = new Set(['summarized', 'omitted']);

const TYPES: ReadonlySet<string> = new Set(['enabled', 'disabled', 'adaptive', 'between_tools']);

/** Of all turns that don't say otherwise. */
const OF_ALL = { param: 'output_config.effort' };

const readThinking = (request: MessagesRequest, isShown: boolean, model: Model, ignored: Ignored): ThinkingSettings => {
  const { messages, thinking, output_config: output } = request;
  if (thinking && !TYPES.has(thinking.type ?? '')) {
    const message = "'thinking.type' must be enabled, disabled, adaptive or between_tools.";
    throw refusal('invalid_value', 'thinking.type', message);
  }
  const wishes: ThinkingWish[] = [];
  if (thinking?.type === 'disabled') wishes.push({ name: 'thinking', effort: 'none' });
  if (thinking?.type === 'enabled' && thinking.budget_tokens !== undefined) {
    wishes.push({ name: 'thinking.budget_tokens', budget: thinking.budget_tokens });
  }
  if (thinking?.type !== 'enabled' && thinking?.budget_tokens !== undefined) ignored.add('thinking.budget_tokens');
  const asked =
    turnEffort(messages) ?? (output?.effort === undefined ? undefined : { ...OF_ALL, effort: output.effort });
  if (asked) wishes.push({ name: OF_ALL.param, effort: checkEffort(asked.effort, asked.param) });
  return decideThinking(wishes, isShown ? undefined : false, model, ignored);
};

/** What stands for Google's own where a door takes it (`upstreams/left-out.ts`). */
export const CLIENT_NAMES = {
  serviceTier: 'service_tier',
  'tools[].googleSearch.excludeDomains': 'tools[].blocked_domains',
};

/** Google has nothing of Anthropic's `auto`, which would take a priority that was bought where there is some. */
export const readTier = (tier: string, ignored: Ignored): string | undefined => {
  if (tier === 'standard_only') return 'standard';
  ignored.add(CLIENT_NAMES.serviceTier);
  return undefined;
};

/** Undefined: plain text. */
export const readFormat = (request: MessagesRequest, ignored: Ignored): JsonAnswer | undefined => {
  const isNew = request.output_config?.format !== undefined;
  const format = request.output_config?.format ?? request.output_format;
  if (!format) return undefined;
  const place = isNew ? 'output_config.format' : 'output_format';
  if (format['type'] !== 'json_schema') {
    throw refusal('invalid_value', `${place}.type`, `'${place}.type' must be json_schema.`);
  }
  ignored.rest(format, FORMAT_FIELDS, place);
  if (isNew && request.output_format) ignored.add('output_format');
  return { schema: normalizeResponseSchema(format['schema']) };
};

const FORMAT_FIELDS: ReadonlySet<string> = new Set(['type', 'schema', 'name', 'strict']);
