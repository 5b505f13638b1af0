import { checkPainting, checkSpeech } from './check-media.ts';
import { checkJsonSchema, checkOpenApiSchema } from './check-schema.ts';
import { declarationsOf } from './check-tools.ts';
import type { Door } from './exchange.ts';
import { invalidArgument } from './google-error.ts';
import type { Model } from './models.ts';
import { unable } from './refusals.ts';
import { fieldsOf, listOf, numberOf, stringOf, toSnake, type Fields } from './values.ts';

/** From the first (included) to the second (excluded), as Google words it. */
const RANGES = {
  temperature: [0, 2.0001],
  topP: [0, 1.0001],
  topK: [1, 65],
  candidateCount: [1, 9],
  presencePenalty: [-2, 2],
  frequencyPenalty: [-2, 2],
  logprobs: [0, 21],
} as const;

const checkRange = (door: Door, name: string, value: number, from: number, to: number): void => {
  if (value >= from && value < to) return;
  const range = `supported range is from ${from} (inclusive) to ${to} (exclusive)`;
  const field = `generation_config.${toSnake(name)}`;
  throw unable(
    door,
    `it has a ${name} value of ${value} but the ${range}. Update the value and try again`,
    field,
    `${name} is ${value} but the ${range}.`,
  );
};

/** The rules of one model family for thinking: budgets for 2.5, levels for 3. */
const checkThinking = ({ thinking }: Model, config: Fields): void => {
  const budget = numberOf(config.thinkingBudget);
  const level = stringOf(config.thinkingLevel);
  if (budget !== undefined && level !== '') {
    throw invalidArgument('You can only set only one of thinking budget and thinking level.');
  }
  if (level !== '' && thinking?.by !== 'level')
    throw invalidArgument('Thinking level is not supported for this model.');
  if (level !== '' && thinking?.by === 'level' && !thinking.levels.some((one) => one === level)) {
    throw invalidArgument(
      `Thinking level ${level} is not supported for this model. Please retry with other thinking level.`,
    );
  }
  if (budget !== undefined) {
    if (!thinking) throw invalidArgument('Thinking budget is not supported for this model.');
    const refusesZero = thinking.by === 'budget' ? !thinking.canBeOff : thinking.zero === 'refused';
    if (budget === 0 && refusesZero) {
      throw invalidArgument("The thinking budget (0) is invalid. Thinking can't be disabled for this model.");
    }
    // Levels are the way of Gemini 3; a budget is taken for compatibility.
    const { min, max } = thinking.by === 'budget' ? thinking : { min: 1, max: 32_768 };
    if (budget !== -1 && budget !== 0 && (budget < min || budget > max)) {
      throw invalidArgument(
        `The thinking budget (${budget}) is invalid. Please choose a value between ${min} and ${max}.`,
      );
    }
  }
  if (
    config.includeThoughts === true &&
    (!thinking || (budget === 0 && (thinking.by === 'budget' || thinking.zero === 'off')))
  ) {
    throw invalidArgument(
      'Unable to submit request because Thinking_config.include_thoughts is only enabled when thinking is enabled.',
    );
  }
};

const MIME_TYPES = ['text/plain', 'application/json', 'text/x.enum'];

const checkFormat = (model: Model, config: Fields, request: Fields): void => {
  const mime = stringOf(config.responseMimeType) || 'text/plain';
  const both = config.responseSchema !== undefined && config.responseJsonSchema !== undefined;
  const field = '* GenerateContentRequest.generation_config';
  if (!MIME_TYPES.includes(mime)) {
    throw invalidArgument(`${field}.response_mime_type: allowed mimetypes are \`${MIME_TYPES.join('`, `')}\`.\n`);
  }
  if (both) throw invalidArgument(`${field}: only one of response_schema and response_json_schema may be set\n`);
  if (mime === 'text/plain' && (config.responseSchema ?? config.responseJsonSchema) !== undefined) {
    throw invalidArgument(`${field}.response_schema: only allowed when response_mime_type is not text/plain\n`);
  }
  if (config.responseSchema !== undefined) {
    checkOpenApiSchema(fieldsOf(config.responseSchema), 'generation_config.response_schema');
  }
  if (config.responseJsonSchema !== undefined) {
    checkJsonSchema(config.responseJsonSchema, 'generation_config.response_json_schema');
  }
  if (mime === 'application/json' && model.generation !== '3' && declarationsOf(request).length > 0) {
    throw invalidArgument("Function calling with a response mime type: 'application/json' is unsupported");
  }
  if (mime === 'application/json' && model.kind === 'image') {
    throw invalidArgument('JSON mode is not enabled for this model');
  }
};

/** How the answer is to be made. */
export const checkConfig = (door: Door, model: Model, request: Fields): void => {
  const config = fieldsOf(request.generationConfig);
  for (const [name, [from, to]] of Object.entries(RANGES)) {
    const value = numberOf(config[name]);
    if (value !== undefined) checkRange(door, name, value, from, to);
  }
  const most = numberOf(config.maxOutputTokens);
  if (most !== undefined) checkRange(door, 'maxOutputTokens', most, 1, model.outputLimit + 1);

  const stops = listOf(config.stopSequences);
  if (stops.length > 5) {
    const reason = `it has ${stops.length} stopSequences but the supported limit is 5. Update the value and try again`;
    throw unable(door, reason, 'generation_config.stop_sequences', 'at most 5 stop sequences are allowed.');
  }
  if (stops.includes('')) {
    throw unable(door, 'a stop sequence is empty', 'generation_config.stop_sequences', 'must not be empty.');
  }
  if (model.refusesCandidates && (numberOf(config.candidateCount) ?? 1) > 1) {
    throw invalidArgument('Multiple candidates is not enabled for this model');
  }
  const penalized = [config.presencePenalty, config.frequencyPenalty].some((one) => one !== undefined && one !== 0);
  if (model.refusesPenalties && penalized) throw invalidArgument('Penalty is not enabled for this model');
  if (config.logprobs !== undefined && config.responseLogprobs !== true) {
    throw invalidArgument('logprobs is only allowed when response_logprobs is true.');
  }
  checkSpeech(model, config, request);
  checkPainting(model, fieldsOf(config.imageConfig));
  if (listOf(config.responseModalities).includes('IMAGE') && model.kind !== 'image') {
    throw invalidArgument('Model does not support the requested response modalities: image');
  }
  checkThinking(model, fieldsOf(config.thinkingConfig));
  checkFormat(model, config, request);
};
