/** The body of POST /v1/responses, read once. */
import type * as Zod from 'zod';
import { SESSION_FIELDS, sessionFields } from '../../../gemini/conversation.ts';
import { missing, refusal } from '../../../errors/refusal.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { z } from '../../../engine/zod.ts';
import {
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
import { readBody, type BodyForm } from '../../request-head.ts';
import type { RemoteImageUrl } from '../../remote-images.ts';
import { LinkedImages } from '../linked-images.ts';

const isInput = (value: unknown): value is string | readonly unknown[] =>
  typeof value === 'string' || Array.isArray(value);

/** Loose: what is not named here is listed as ignored, never refused. */
const responsesRequest = z.object({
  model: text(),
  // Its items are looked at one by one, below.
  input: optional(
    withGlance(
      z.custom<string | readonly unknown[]>(isInput, {
        error: 'must be a string or an array of items',
        params: { reason: 'invalid_type' },
      }),
      isInput,
    ),
  ),
  instructions: optional(either(text(), list(object()), 'must be a string')),
  stream: optional(boolean()),
  stream_options: optional(group({ include_usage: optional(boolean()) })),
  max_output_tokens: optional(integer(1, Infinity)),
  temperature: optional(number(0, 2)),
  top_p: optional(number(0, 1)),
  presence_penalty: optional(number(-2, 2)),
  frequency_penalty: optional(number(-2, 2)),
  top_logprobs: optional(integer(0, 20)),
  tools: optional(list(object())),
  tool_choice: optional(either(text(), object(), 'must be a string or an object')),
  parallel_tool_calls: optional(boolean()),
  text: optional(group({ format: optional(object()) })),
  reasoning: optional(
    group({ effort: optional(text()), summary: optional(text()), generate_summary: optional(text()) }),
  ),
  include: optional(list(text())),
  store: optional(boolean()),
  previous_response_id: optional(text()),
  metadata: optional(object()),
  truncation: optional(text()),
  service_tier: optional(text()),
  background: optional(boolean()),
});

const readResponsesFields = createFieldReader(responsesRequest);

export type ResponsesFields = Zod.output<typeof responsesRequest>;

/** An item of the input as sent, and its place in the client's body, for errors. */
export interface SentItem {
  readonly param: string;
  readonly item: string | JsonObject;
}

export type ResponsesRequest = Omit<ResponsesFields, 'input'> & {
  readonly items: readonly SentItem[];
  /** Names of parameters that have no effect here; `decode.ts` adds what it finds further inside. */
  readonly ignored: readonly string[];
};

/** Cursor and others post such bodies to the chat address, too. */
export const isResponsesBody = (body: unknown): boolean =>
  isObject(body) &&
  (body['messages'] === undefined || body['messages'] === null) &&
  body['input'] !== undefined &&
  body['input'] !== null;

export const readResponsesRequest = (sent: unknown): ResponsesRequest => {
  const { body, fields, ignored } = readBody(sent, FORM);
  if (fields.input === undefined && fields.previous_response_id === undefined) throw missing('input');
  return { ...fields, ...sessionFields(body), items: listItems(fields.input), ignored: ignored.names };
};

export const listItems = (input: string | readonly unknown[] | undefined): readonly SentItem[] => {
  if (input === undefined) return [];
  if (typeof input === 'string') return [{ param: 'input', item: input }];
  const items: SentItem[] = [];
  for (let index = 0; index < input.length; index += 1) {
    const item: unknown = input[index];
    const param = `input[${index}]`;
    if (typeof item === 'string' || isObject(item)) items.push({ param, item });
    else throw refusal('invalid_type', param, `'${param}' must be an object.`);
  }
  return items;
};

/** The `https:` images of a request, each address once: to be fetched before it is decoded. */
export const remoteImageUrls = ({ items: sent }: ResponsesRequest): readonly RemoteImageUrl[] => {
  let linked: LinkedImages | undefined;
  for (const { item, param } of sent) {
    if (typeof item === 'string') continue;
    const { content, output } = item;
    if (Array.isArray(content)) (linked ??= new LinkedImages()).look(content, `${param}.content`);
    if (Array.isArray(output)) (linked ??= new LinkedImages()).look(output, `${param}.output`);
  }
  return linked?.list() ?? NO_IMAGES;
};

const NO_IMAGES: readonly RemoteImageUrl[] = [];

const readSupported = (body: JsonObject): ResponsesFields => {
  for (const [name, why] of UNSUPPORTED) {
    const value = body[name];
    if (value === undefined || value === null || value === false) continue;
    throw refusal('unsupported_parameter', name, `'${name}' is not supported: ${why}.`);
  }
  return readResponsesFields(body);
};

const UNSUPPORTED = [
  ['background', 'an answer is made while its client waits; send the request without it, perhaps with `stream`'],
  ['conversation', 'conversations are not stored here; use `previous_response_id`, or send the whole in `input`'],
  ['prompt', 'prompts are not stored here; send the text itself in `instructions` or `input`'],
] as const;

const FORM: BodyForm<ResponsesFields> = {
  read: readSupported,
  main: 'input',
  known: new Set([...Object.keys(responsesRequest.shape), ...SESSION_FIELDS]),
  nested: [
    ['stream_options', new Set(['include_usage'])],
    ['text', new Set(['format'])],
    ['reasoning', new Set(['effort', 'summary', 'generate_summary'])],
  ],
};
