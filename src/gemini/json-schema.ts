/** JSON Schema as Gemini reads it. */
import { RawJson, isObject, parseJson, writeJson } from '../json.ts';
import type { GenerateContentRequest, JsonObject } from './types.ts';

export interface NormalizedSchema {
  readonly schema: JsonObject;
  /** The root was no object: arguments arrive as `{"value": …}`. */
  readonly wrapped: boolean;
}

export const normalizeSchema = (schema: unknown): NormalizedSchema => {
  const root = schema instanceof RawJson ? parseJson(schema.text) : schema;
  return { schema: { type: 'object', properties: {}, ...(isObject(root) ? root : {}) }, wrapped: false };
};

/** For `responseJsonSchema`; undefined where there is no schema to speak of. */
export const normalizeResponseSchema = (schema: unknown, _description?: string): JsonObject | undefined =>
  isObject(schema) && Object.keys(schema).length > 0 ? schema : undefined;

export const simplifySchema = (schema: unknown, _target: 'parametersJsonSchema' | 'parameters'): JsonObject =>
  normalizeSchema(schema).schema;

export const simplifyTools = (request: GenerateContentRequest): GenerateContentRequest => request;

/** For models that take functions or a schema but not both: the schema in words. */
export const schemaInstruction = (schema: unknown): string =>
  `Answer with one JSON value and nothing else. It must match this JSON Schema: ${writeJson(schema)}`;
