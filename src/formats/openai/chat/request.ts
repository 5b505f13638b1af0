/** The body of POST /v1/chat/completions, read once. Extensions of other vendors' clients are read as well. */
import type * as Zod from 'zod';
import { SESSION_FIELDS, sessionFields } from '../../../gemini/conversation.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { JsonError, parseJson } from '../../../json.ts';
import { fixSurrogates } from '../../../json/text.ts';
import { z } from '../../../engine/zod.ts';
import { LinkedImages } from '../linked-images.ts';
import {
  bigInteger,
  boolean,
  createFieldReader,
  either,
  group,
  integer,
  list,
  number,
  object,
  optional,
  text,
  withGlance,
} from '../../fields.ts';
import type { Ignored } from '../../../conversation/ignored.ts';
import { readBody, type BodyForm } from '../../request-head.ts';
import type { RemoteImageUrl } from '../../remote-images.ts';
import { imageConfig, NO_GOOGLE_OPTIONS, readGoogleOptions, snakeKeys, type GoogleOptions } from './google-options.ts';

/** A message as sent, and its place in the client's body, for errors. Its inside is read by `messages.ts`. */
export interface ClientMessage {
  readonly param: string;
  readonly fields: JsonObject;
}

/** Some clients (PHP, n8n) send a JSON value as its text. */
const fromJsonText = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(fixSurrogates(value));
  } catch (error) {
    if (error instanceof JsonError) return value;
    throw error;
  }
};

const words = either(text(), list(text()), 'must be a string or an array of strings');
const objects = list(object());
const someObjects = list(object(), { least: [1, 'must hold at least one message'] });

/** Loose: what is not named here is listed as ignored, never refused. */
export const chatRequest = z.object({
  model: text(),
  messages: withGlance(z.preprocess(fromJsonText, someObjects), someObjects.inOrder),
  stream: optional(boolean()),
  stream_options: optional(group({ include_usage: optional(boolean()) })),
  temperature: optional(number(0, 2)),
  top_p: optional(number(0, 1)),
  top_k: optional(number(-Infinity, Infinity)),
  max_completion_tokens: optional(integer(1, Infinity)),
  max_tokens: optional(integer(1, Infinity)),
  n: optional(integer(1, 8)),
  stop: optional(words),
  seed: optional(bigInteger()),
  presence_penalty: optional(number(-2, 2)),
  frequency_penalty: optional(number(-2, 2)),
  logprobs: optional(boolean()),
  top_logprobs: optional(integer(0, 20)),
  response_format: optional(object()),
  tools: optional(withGlance(z.preprocess(fromJsonText, objects), objects.inOrder)),
  functions: optional(objects),
  tool_choice: optional(either(text(), object(), 'must be a string or an object')),
  function_call: optional(either(text(), object(), 'must be a string or an object')),
  parallel_tool_calls: optional(boolean()),
  web_search_options: optional(object()),
  modalities: optional(list(text())),
  image_config: optional(z.preprocess(snakeKeys, imageConfig)),
  safety_settings: optional(objects),
  safetySettings: optional(objects),
  // As an object it is the Agents SDK's; `summary` is of the Responses API.
  reasoning_effort: optional(either(text(), group({ effort: optional(text()) }), 'must be a string')),
  cached_content: optional(text()),
  cachedContent: optional(text()),
  reasoning: optional(
    group({
      effort: optional(text()),
      max_tokens: optional(integer(-1, Infinity)),
      exclude: optional(boolean()),
      enabled: optional(boolean()),
    }),
  ),
  include_reasoning: optional(boolean()),
  service_tier: optional(text()),
  metadata: optional(object()),
  thinking: optional(
    either(
      boolean(),
      group({ type: optional(text()), budget_tokens: optional(integer(-1, Infinity)) }),
      'must be an object with `type` and perhaps `budget_tokens`',
    ),
  ),
  enable_thinking: optional(boolean()),
  thinking_budget: optional(integer(-1, Infinity)),
});

const readChatFields = createFieldReader(chatRequest);

export type ChatRequest = Omit<Zod.output<typeof chatRequest>, 'messages'> & {
  readonly messages: readonly ClientMessage[];
  readonly google: GoogleOptions;
  /** By which the client's session is known. */
  readonly prompt_cache_key?: unknown;
  readonly session_id?: unknown;
  /** Names of parameters that have no effect here; `decode.ts` adds what it finds further inside. */
  readonly ignored: readonly string[];
};

export const readChatRequest = (sent: unknown): ChatRequest => {
  const { body, fields: settings, ignored } = readBody(sent, FORM);
  const hasOptions = body['google'] !== undefined || body['extra_body'] !== undefined;
  const google = hasOptions ? readGoogleOptions(body, ignored) : NO_GOOGLE_OPTIONS;
  const messages: ClientMessage[] = [];
  for (const fields of settings.messages) messages.push({ param: `messages[${messages.length}]`, fields });
  const { prompt_cache_key, session_id } = sessionFields(body);
  return { ...settings, prompt_cache_key, session_id, messages, google, ignored: ignored.names };
};

/** The `https:` images of a request, each address once: to be fetched before it is decoded. */
export const remoteImageUrls = (request: ChatRequest): readonly RemoteImageUrl[] => {
  let linked: LinkedImages | undefined;
  for (const { fields, param } of request.messages) {
    const { content, images } = fields;
    if (Array.isArray(content)) (linked ??= new LinkedImages()).look(content, `${param}.content`);
    if (Array.isArray(images)) (linked ??= new LinkedImages()).look(images, `${param}.images`);
  }
  return linked?.list() ?? NO_IMAGES;
};

const NO_IMAGES: readonly RemoteImageUrl[] = [];

/** Two names of one thing: the first wins. */
const SAME = [
  ['tool_choice', 'function_call'],
  ['safety_settings', 'safetySettings'],
] as const;

const noteWithoutEffect = (body: JsonObject, ignored: Ignored): void => {
  // OpenAI refuses it there; it asks for nothing that a whole answer has not.
  if (body['stream_options'] && body['stream'] !== true) ignored.add('stream_options');
  for (const [first, second] of SAME) if (body[first] && body[second]) ignored.add(second);
};

const FORM: BodyForm<Zod.output<typeof chatRequest>> = {
  read: readChatFields,
  main: 'messages',
  known: new Set([...Object.keys(chatRequest.shape), ...SESSION_FIELDS, 'google', 'extra_body']),
  note: noteWithoutEffect,
  nested: [
    ['stream_options', new Set(['include_usage'])],
    ['reasoning_effort', new Set(['effort'])],
    ['reasoning', new Set(['effort', 'max_tokens', 'exclude', 'enabled'])],
    ['thinking', new Set(['type', 'budget_tokens'])],
    ['image_config', new Set([...Object.keys(imageConfig.shape), 'aspectRatio', 'imageSize'])],
    ['web_search_options', new Set()],
  ],
};
