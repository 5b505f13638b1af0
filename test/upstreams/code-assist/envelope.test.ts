import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GenerateContentResponse } from '../../../src/gemini/types.ts';
import { unwrap, wrap } from '../../../src/upstreams/code-assist/envelope.ts';
import { callFor } from '../rig.ts';

const unwrapText = (json: string) => unwrap(json, JSON.parse(json) as Readonly<Record<string, unknown>>);

describe('unwrapping', () => {
  test.each([
    ['as Google writes it', '{"response":{"a":1.0},"traceId":"t"}', '{"a":1.0,"responseId":"t"}'],
    ['without a trace id', '{"response":{"a":1.0}}', '{"a":1.0}'],
    ['with an id of its own', '{"response":{"responseId":"mine"},"traceId":"t"}', '{"responseId":"mine"}'],
    ['nothing inside', '{"response":{},"traceId":"t"}', '{"responseId":"t"}'],
    ['blanks', '{ "response" : { "a" : 1 } , "traceId" : "t" }', '{ "a" : 1 ,"responseId":"t"}'],
    ['blanks in the middle', '{"response":{"a":1} ,"traceId":"t"}', '{"a":1,"responseId":"t"}'],
    ['the trace id first', '{"traceId":"t","response":{"a":1}}', '{"a":1,"responseId":"t"}'],
    ['a trace id with escapes', '{"response":{"a":1},"traceId":"\\u0074\\n"}', '{"a":1,"responseId":"t\\n"}'],
    [
      'credits are left out',
      '{"response":{"a":1},"traceId":"t","remainingCredits":[{"x":1}]}',
      '{"a":1,"responseId":"t"}',
    ],
    [
      'the tail inside the answer',
      '{"response":{"text":",\\"traceId\\":\\"t\\"}"},"traceId":"t"}',
      '{"text":",\\"traceId\\":\\"t\\"}","responseId":"t"}',
    ],
    ['no envelope', '{"candidates":[]}', '{"candidates":[]}'],
    ['a trace id that is none', '{"response":{"a":1},"traceId":5}', '{"a":1}'],
  ])('%s', (_name, json, inside) => {
    const chunk = unwrapText(json);
    expect(chunk.json).toBe(inside);
    expect(chunk.value).toEqual(JSON.parse(inside));
  });

  test('a response that is none is no answer', () => {
    expect(() => unwrapText('{"response":"x"}')).toThrow('`response` is of a wrong type');
  });

  test('what is inside stays as it is, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.option(fc.string({ minLength: 1 })),
        (inner, traceId) => {
          const response = { ...inner, responseId: 'mine' } as GenerateContentResponse;
          const json = JSON.stringify({ response, ...(traceId !== null && { traceId }) });
          expect(unwrapText(json).json).toBe(JSON.stringify(response));
        },
      ),
    );
  });
});

test('a request that needs no trimming is not copied', () => {
  const call = callFor({ contents: [], generationConfig: { temperature: 1 } });
  expect(wrap(call, 'p')).toBe(
    '{"model":"gemini-2.5-flash","project":"p","request":{"contents":[],"generationConfig":{"temperature":1}}}',
  );
});
