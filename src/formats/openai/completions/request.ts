import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { z } from '../../../engine/zod.ts';
import { readChatRequest, type ChatRequest } from '../chat/request.ts';
import { MOST_STOPS } from '../../../conversation/sampling.ts';
import { list, optional, readFields, text } from '../../fields.ts';
import { refusal } from '../../../errors/refusal.ts';

/** Of chat's settings those that mean the same here. `logprobs` is a number here, `n` and the rest are as there. */
const SHARED = [
  'model',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'n',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'reasoning_effort',
  'user',
  'prompt_cache_key',
  'service_tier',
  'metadata',
] as const;

const schema = z.object({
  prompt: z.union([text(), list(z.unknown())], { error: 'must be a string' }),
  suffix: optional(text()),
  stop: optional(z.union([text(), list(text())], { error: 'must be a string or an array of strings' })),
});

/** The older API of plain prompts: the prompt is what a user says, the answer is the completion. */
export const readCompletionRequest = (body: unknown): ChatRequest => {
  const { prompt, suffix, stop } = readFields(schema, body);
  if (suffix !== undefined && suffix !== '') {
    throw refusal(
      'unsupported_parameter',
      'suffix',
      "'suffix' is not supported: Gemini continues a text at its end only.",
    );
  }
  const fields: JsonObject = isObject(body) ? body : {};
  const request = readChatRequest({
    ...Object.fromEntries(SHARED.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]])),
    // Editors send a dozen: a refusal would leave them without any.
    ...(stop !== undefined && { stop: typeof stop === 'string' ? stop : stop.slice(0, MOST_STOPS) }),
    messages: [{ role: 'user', content: textOf(prompt) }],
  });
  const hasMoreStops = typeof stop === 'object' && stop.length > MOST_STOPS;
  return { ...request, ignored: [...request.ignored, ...withoutEffect(fields), ...(hasMoreStops ? ['stop'] : [])] };
};

const READ: ReadonlySet<string> = new Set([...SHARED, ...Object.keys(schema.shape)]);

const withoutEffect = (fields: JsonObject): readonly string[] =>
  Object.keys(fields).filter((name) => !READ.has(name) && (fields[name] ?? null) !== null);

const textOf = (prompt: string | readonly unknown[]): string => {
  if (typeof prompt === 'string') return prompt;
  const [first] = prompt;
  if (prompt.length === 1 && typeof first === 'string') return first;
  const message =
    "'prompt' must be one text: token arrays and lists of prompts are not supported. Send a request for each.";
  throw refusal('unsupported_value', 'prompt', message);
};
