import { describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import { refusalOf } from '../../src/upstreams/refusals.ts';

describe('what a refusal is about', () => {
  test.each([
    ['Function call is missing a thought_signature in functionCall parts.', 'thought-signature'],
    ['Corrupted thought signature.', 'thought-signature'],
    [
      'Unknown name "$schema" at \'request.tools[0].function_declarations[0].parameters\': Cannot find field.',
      'function-schema',
    ],
    [
      '* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties[a].items: missing field.',
      'function-schema',
    ],
    ['Penalty is not enabled for models/gemini-3-flash', 'penalties'],
    ['Unknown name "mediaResolution" at \'contents[0].parts[1]\': Cannot find field.', 'media-resolution'],
    ["Function calling with a response mime type: 'application/json' is unsupported", 'json-with-tools'],
    ['Please ensure that multiturn requests begin with a user turn.', 'model-first'],
    [
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
      'model-first',
    ],
    ['The thinking budget (0) is invalid.', undefined],
  ])('%s', (message, refusal) => {
    expect(refusalOf(new RelayError('INVALID_ARGUMENT', message))).toBe(refusal);
  });

  test('only of a request', () => {
    expect(refusalOf(new RelayError('INTERNAL', 'thought_signature'))).toBeUndefined();
    expect(refusalOf(new Error('thought_signature'))).toBeUndefined();
  });
});
