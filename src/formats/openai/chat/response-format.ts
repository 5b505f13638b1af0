/** `response_format`: the answer as JSON, perhaps by a schema. */
import { normalizeResponseSchema, schemaInstruction } from '../../../gemini/json-schema.ts';
import type { GenerationConfig, JsonObject } from '../../../gemini/types.ts';
import { isObject } from '../../../json.ts';
import { refusal } from '../refusal.ts';

export interface JsonAnswer {
  readonly schema: JsonObject | undefined;
}

/** Undefined: plain text. */
export const readResponseFormat = (format: JsonObject | undefined): JsonAnswer | undefined => {
  if (!format) return undefined;
  const { type } = format;
  if (type === undefined || type === null) {
    const param = 'response_format.type';
    throw refusal('missing_required_parameter', param, `Missing required parameter: '${param}'.`);
  }
  switch (type) {
    case 'text':
      return undefined;
    case 'json_object':
      return { schema: normalizeResponseSchema(format['schema']) };
    case 'json_schema': {
      // Flat as in the Responses API, nested as in chat.
      const inner = isObject(format['json_schema']) ? format['json_schema'] : format;
      const description = inner['description'];
      return {
        schema: normalizeResponseSchema(inner['schema'], typeof description === 'string' ? description : undefined),
      };
    }
    default:
      throw refusal(
        'invalid_value',
        'response_format.type',
        "'response_format.type' must be text, json_object or json_schema.",
      );
  }
};

export const toJsonConfig = ({ schema }: JsonAnswer): GenerationConfig => ({
  responseMimeType: 'application/json',
  ...(schema && { responseJsonSchema: schema }),
});

/** In words, for models that take tools or a type of answer but not both. */
export const toJsonInstruction = ({ schema }: JsonAnswer): string => schemaInstruction(schema ?? { type: 'object' });
