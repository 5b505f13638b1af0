/** The form of the answer: JSON, perhaps by a schema. */
import type { JsonAnswer } from '../../conversation/json-answer.ts';
import { normalizeResponseSchema } from '../../gemini/json-schema.ts';
import type { JsonObject } from '../../gemini/types.ts';
import { isObject } from '../../json.ts';
import type { Ignored } from '../../conversation/ignored.ts';
import { missing, refusal } from '../../errors/refusal.ts';

/** Undefined: plain text. */
export const readResponseFormat = (
  format: JsonObject,
  ignored: Ignored,
  place = 'response_format',
): JsonAnswer | undefined => {
  const { type } = format;
  if (type === undefined || type === null) {
    const param = `${place}.type`;
    throw missing(param);
  }
  switch (type) {
    case 'text':
      ignored.rest(format, ONLY_TYPE, place);
      return undefined;
    case 'json_object': {
      // Without a schema at OpenAI; other vendors' words for one, and LiteLLM's.
      const inner = format['json_schema'];
      const name = SCHEMAS.find((key) => format[key] !== undefined);
      ignored.rest(format, new Set(['type', name ?? 'json_schema']), place);
      return {
        schema: normalizeResponseSchema(name === undefined && isObject(inner) ? inner['schema'] : format[name ?? '']),
      };
    }
    case 'json_schema': {
      // Flat as in the Responses API, nested as in chat.
      const nested = format['json_schema'];
      const inner = isObject(nested) ? nested : format;
      ignored.rest(inner, SCHEMA_FIELDS, place);
      if (isObject(nested)) ignored.rest(format, NESTED_FIELDS, place);
      const description = inner['description'];
      return {
        schema: normalizeResponseSchema(inner['schema'], typeof description === 'string' ? description : undefined),
      };
    }
    default:
      throw refusal('invalid_value', `${place}.type`, `'${place}.type' must be text, json_object or json_schema.`);
  }
};

const ONLY_TYPE: ReadonlySet<string> = new Set(['type']);
const NESTED_FIELDS: ReadonlySet<string> = new Set(['type', 'json_schema']);
/** A name means nothing to Google; strict it is always. */
const SCHEMA_FIELDS: ReadonlySet<string> = new Set(['type', 'schema', 'description', 'name', 'strict', 'json_schema']);
const SCHEMAS = ['schema', 'response_schema'] as const;
