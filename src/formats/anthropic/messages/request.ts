/** The body of POST /v1/messages, read once. What stands inside messages and tools is read by `turns.ts` and `tools.ts`. */
import type * as Zod from 'zod';
import { z } from '../../../engine/zod.ts';
import { failed } from '../../../errors.ts';
import type { JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
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
import { readBody } from '../../request-head.ts';

const objects = list(object());

/** Anthropic sets no limit; each one is looked for in all of the answer's text. */
const MOST_STOP_SEQUENCES = 64;

/** Nobody's mark is longer, and as much of the text is held back as may be the beginning of one. */
const LONGEST_STOP_SEQUENCE = 1024;

const stopSequence = () =>
  z
    .string({ error: 'must be a string' })
    .max(LONGEST_STOP_SEQUENCE, { error: `may have at most ${LONGEST_STOP_SEQUENCE} characters` });

const fields = {
  model: text(),
  messages: list(object(), { least: [1, 'must hold at least one message'] }),
  system: optional(either(text(), list(object()), 'must be a string or an array of text blocks')),
  tools: optional(objects),
  tool_choice: optional(object()),
  thinking: optional(
    group(
      { type: optional(text()), budget_tokens: optional(integer(0, Infinity)), display: optional(text()) },
      'must be an object with `type`',
    ),
  ),
  output_config: optional(
    withGlance(
      z.object({ effort: optional(text()), format: optional(object()) }, { error: 'must be an object' }),
      undefined,
    ),
  ),
  output_format: optional(object()),
  stop_sequences: optional(
    list(stopSequence(), { most: [MOST_STOP_SEQUENCES, `may hold at most ${MOST_STOP_SEQUENCES} sequences`] }),
  ),
  metadata: optional(object()),
  service_tier: optional(text()),
  temperature: optional(number(0, 2)),
  top_p: optional(number(0, 1)),
  top_k: optional(number(-Infinity, Infinity)),
  stream: optional(boolean()),
};

/** Loose: what is not named here is listed as ignored, never refused. */
export const messagesRequest = z.object({ ...fields, max_tokens: integer(1, Infinity) });
const countRequest = z.object({ ...fields, max_tokens: optional(integer(1, Infinity)) });

const readMessagesFields = createFieldReader(messagesRequest);
const readCountFields = createFieldReader(countRequest);

export type MessagesRequest = Zod.output<typeof countRequest> & {
  /** Names of parameters that have no effect here; `decode.ts` adds what it finds further inside. */
  readonly ignored: readonly string[];
};

export const readMessagesRequest = (body: unknown): MessagesRequest => readRequest(body, readMessagesFields);

/** The same without a limit of the output: tokens are only counted. */
export const readCountRequest = (body: unknown): MessagesRequest => readRequest(body, readCountFields);

const readRequest = (
  body: unknown,
  readFields: (body: JsonObject) => Zod.output<typeof countRequest>,
): MessagesRequest => {
  const read = (sent: JsonObject): Zod.output<typeof countRequest> => {
    if (sent['thread'] !== undefined) refuseToGoOn(sent);
    return readFields(sent);
  };
  const { fields: request, ignored } = readBody(body, { read, main: 'messages', known: KNOWN, nested: NESTED });
  return { ...request, ignored: ignored.names };
};

/** Where only the newest turn is sent, an answer to it alone would be a wrong one. */
const refuseToGoOn = ({ thread }: JsonObject): void => {
  if (!isObject(thread) || thread['type'] !== 'continue') return;
  const message = 'No conversation is kept here: send all of it in `messages`, without `thread`.';
  throw failed('thread_not_found', message, { param: 'thread' });
};

const KNOWN: ReadonlySet<string> = new Set(Object.keys(messagesRequest.shape));

const NESTED: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['thinking', new Set(['type', 'budget_tokens', 'display'])],
  ['output_config', new Set(['effort', 'format'])],
  // Whose session it is: by it, a conversation keeps to its door.
  ['metadata', new Set(['user_id'])],
];
