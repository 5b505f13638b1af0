import { schemaInstruction } from '../gemini/json-schema.ts';
import type { GenerationConfig, JsonObject } from '../gemini/types.ts';

/** The answer is wanted as JSON, perhaps by a schema (`normalizeResponseSchema`). */
export interface JsonAnswer {
  readonly schema: JsonObject | undefined;
}

export const toJsonConfig = ({ schema }: JsonAnswer): GenerationConfig => ({
  responseMimeType: 'application/json',
  ...(schema && { responseJsonSchema: schema }),
});

/** In words, for models that take tools or a type of answer but not both. */
export const toJsonInstruction = ({ schema }: JsonAnswer): string => schemaInstruction(schema ?? { type: 'object' });
