/** Each thing that a client may add to a request changes the call or the answer, is refused by name, or is told. */
import { expect, test } from 'vitest';
import type { AnswerReading } from '../../src/conversation/reading.ts';
import { RelayError } from '../../src/errors.ts';
import type { Call } from '../../src/gemini/call.ts';
import { sessionOf } from '../../src/gemini/conversation.ts';
import { writeJson } from '../../src/json.ts';
import { FLASH, FLASH_3, PRO } from './openai/chat/decoding.ts';

/** What is added, beside the same request without it. */
export type Added = readonly [name: string, more: object, without: object];

type Decode = (body: object) => { readonly call: Call; readonly reading: AnswerReading };

/** `parameters`: at the top of a body, each by itself. */
export const testNothingIsSilent = (
  decode: Decode,
  parameters: Readonly<Record<string, unknown>>,
  more: readonly Added[],
): void => {
  const added = [...Object.entries(parameters).map(([name, value]): Added => [name, { [name]: value }, {}]), ...more];
  const cases = added.flatMap(([name, one, without]) =>
    [FLASH, PRO, FLASH_3].map((model) => [name, model, { model, ...one }, { model, ...without }] as const),
  );
  test.each(cases)('%s (%s)', (_name, _model, one, without) => {
    const plain = outcomeOf(decode, without);
    const found = outcomeOf(decode, one);
    if (plain === 'refused') throw new Error('the request without it is refused');
    const isSilent = found !== 'refused' && found.effect === plain.effect && found.told.length === plain.told.length;
    expect(isSilent).toBe(false);
  });
};

interface Outcome {
  readonly effect: string;
  readonly told: readonly string[];
}

const outcomeOf = (decode: Decode, body: object): Outcome | 'refused' => {
  try {
    const { call, reading } = decode(body);
    const { ignored, names: _names, customTools, wrappedTools, ...seen } = reading;
    const effect = {
      ...seen,
      custom: [...customTools],
      wrapped: [...wrappedTools],
      model: call.model,
      stream: call.stream,
      // By it a conversation keeps to its door, and one of many keys is chosen.
      session: sessionOf({}, { ...body }),
    };
    return { effect: writeJson(call.request) + JSON.stringify(effect), told: ignored };
  } catch (error) {
    if (error instanceof RelayError && error.param !== undefined) return 'refused';
    throw error;
  }
};
