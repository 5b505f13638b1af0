import { RelayError } from '../errors.ts';

/** What a refusal of the request itself is about, so that it can be put another way. Google names it in words only. */
export type Refusal =
  'thought-signature' | 'function-schema' | 'penalties' | 'json-with-tools' | 'model-first' | 'media-resolution';

export const refusalOf = (error: unknown): Refusal | undefined => {
  if (error instanceof RelayError && error.reason === 'upstream_missing_signature') return 'thought-signature';
  if (!(error instanceof RelayError) || error.code !== 'INVALID_ARGUMENT' || error.status !== 400) return undefined;
  const { message } = error;
  if (/thought.?signature/i.test(message)) return 'thought-signature';
  if (/response mime type|response_mime_type/i.test(message) && /function|tool/i.test(message))
    return 'json-with-tools';
  if (/media_?resolution/i.test(message)) return 'media-resolution';
  if (/penalt(?:y|ies)/i.test(message)) return 'penalties';
  if (/begin with a user turn|comes immediately after a user turn/i.test(message)) return 'model-first';
  if (/function_?declarations?|parameters_?json_?schema|schema/i.test(message)) return 'function-schema';
  return undefined;
};
