import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../src/gemini/call.ts';
import { EventReader } from '../../src/gemini/events.ts';
import { compactJson } from '../../src/json/text.ts';
import { eventsOf } from '../support/events.ts';
import { candidate, toChunk } from '../support/gemini-chunk.ts';

const read = (...chunks: readonly unknown[]) => {
  const reader = new EventReader();
  return chunks.flatMap((chunk) => eventsOf(reader, toChunk(chunk)));
};

const args = (chunk: unknown) => read(chunk).flatMap((event) => (event.kind === 'call' ? [event.argsText] : []));

/** A JSON value as a text with odd spellings in it: blanks, escapes, numbers that the engine would write another way. */
const oddJson = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('1', '1.0', '-0', '9007199254740993', '1e2', '0.10', 'true', 'null'),
    fc.constantFrom('"a"', String.raw`"\u0061"`, String.raw`"\"args\":{}"`, '"é"', String.raw`"\/"`, '"args"'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .array(
      fc.tuple(
        fc.constantFrom('"a"', '"2"', '"1"', '"args"', String.raw`"x\"args"`, '"__proto__"', String.raw`"\u0062"`),
        fc.constantFrom(':', ': '),
        tie('value'),
      ),
      { maxLength: 4 },
    )
    .map((members) => `{${members.map((member) => member.join('')).join(',')}}`),
})).object;

test('arguments are those that were written, however they were spelled and whatever stands beside them', () => {
  fc.assert(
    fc.property(oddJson, oddJson, fc.constantFrom('"args":', '"args" :'), (written, other, name) => {
      const call = `{"name":"f",${name}${written}}`;
      const chunk = `{"extra":${other},"candidates":[{"content":{"parts":[{"functionCall":${call}}]}}]}`;
      // As upstreams read it: plainly, so that numbers have lost their spelling.
      const events = eventsOf(new EventReader(), { json: chunk, value: JSON.parse(chunk) as Chunk['value'] });
      expect(events).toMatchObject([{ kind: 'call', argsText: compactJson(written) }]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['a name that ends alike', String.raw`"x\"args":{"n":1},`, '"args" :{"n":1.0}', ['{"n":1.0}']],
  ['other arguments', '"content":{"args":{"n":1}},', '"args" :{"n":1.0}', ['{"n":1.0}']],
])('%s are not taken for those of the call', (_name, before, written, expected) => {
  const json = `{${before}"candidates":[{"content":{"parts":[{"functionCall":{"name":"f",${written}}}]}}]}`;
  const events = eventsOf(new EventReader(), { json, value: JSON.parse(json) as Chunk['value'] });
  expect(events.map((event) => event.kind === 'call' && event.argsText)).toEqual(expected);
});

test('each of several calls has its own spelling', () => {
  const call = (args: string): string => `{"functionCall":{"name":"f","args":${args}}}`;
  const json = `{"candidates":[{"content":{"parts":[${call('{"n":1}')},${call('{"n":1.0}')}]}}]}`;
  const events = eventsOf(new EventReader(), { json, value: JSON.parse(json) as Chunk['value'] });
  expect(events.map((event) => event.kind === 'call' && event.argsText)).toEqual(['{"n":1}', '{"n":1.0}']);
});

describe('parts', () => {
  test('a thought and a text of one chunk are two events, in order', () => {
    expect(read(candidate([{ text: 'a', thought: true }, { text: 'b' }]))).toEqual([
      { kind: 'thought', candidate: 0, text: 'a' },
      { kind: 'text', candidate: 0, text: 'b', partIndex: 1 },
    ]);
  });

  test('an empty text says nothing, its signature does', () => {
    expect(read(candidate([{ text: '' }, { text: '', thoughtSignature: 'QQ==' }]))).toEqual([
      { kind: 'signature', candidate: 0, signature: 'QQ==' },
    ]);
  });

  test('images count, drafts of images inside a thought do not', () => {
    const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    expect(
      read(
        candidate([
          { ...image, thought: true },
          { ...image, thoughtSignature: 'QQ==' },
        ]),
      ),
    ).toEqual([{ kind: 'blob', candidate: 0, mimeType: 'image/png', data: 'AAAA', signature: 'QQ==' }]);
  });

  test('code and its result', () => {
    const parts = [
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1\n' } },
    ];
    expect(read(candidate(parts))).toEqual([
      { kind: 'code', candidate: 0, language: 'PYTHON', code: 'print(1)' },
      { kind: 'codeResult', candidate: 0, outcome: 'OUTCOME_OK', output: '1\n' },
    ]);
  });

  test.each([
    ['no candidates', {}],
    ['candidates of another kind', { candidates: 'none' }],
    ['no content', { candidates: [{}] }],
    ['parts of another kind', { candidates: [{ content: { parts: 7 } }] }],
    ['a text that is none', candidate([{ text: 5 }])],
    ['a part we do not know', candidate([{ toolCall: { toolType: 'GOOGLE_SEARCH_WEB' } }])],
  ])('%s: no event, no failure', (_name, chunk) => {
    expect(read(chunk)).toEqual([]);
  });
});

describe('calls', () => {
  test('id, name, arguments and signature arrive together', () => {
    const part = { functionCall: { id: 'x1', name: 'wx', args: { c: 'Oslo' } }, thoughtSignature: 'QUJD' };
    expect(read(candidate([part]))).toEqual([
      { kind: 'call', candidate: 0, id: 'x1', name: 'wx', argsText: '{"c":"Oslo"}', signature: 'QUJD' },
    ]);
  });

  test.each([
    ['no arguments', '{"name":"f"}', '{}'],
    ['empty arguments', '{"name":"f","args":{}}', '{}'],
    ['big integers', '{"name":"f","args":{"id":9007199254740993}}', '{"id":9007199254740993}'],
    ['number spelling', '{"name":"f","args":{"x":1.0,"y":-0,"z":1e400}}', '{"x":1.0,"y":-0,"z":1e400}'],
    ['order of keys that look like numbers', '{"name":"f","args":{"b":1,"2":2,"1":3}}', '{"b":1,"2":2,"1":3}'],
    ['an inner args', '{"name":"f","args":{"args":{"args":[1.0]}}}', '{"args":{"args":[1.0]}}'],
    ['white space outside texts', '{"name":"f","args": { "a" : "b  c" ,\n "d":[ 1 ] }}', '{"a":"b  c","d":[1]}'],
    ['escapes', String.raw`{"name":"f","args":{"a":"\u00e9\n\"q\""}}`, String.raw`{"a":"\u00e9\n\"q\""}`],
  ])('arguments keep their text: %s', (_name, call, expected) => {
    expect(args(`{"candidates":[{"content":{"parts":[{"functionCall":${call}}]}}]}`)).toEqual([expected]);
  });

  test('arguments in pieces wait until the call is whole', () => {
    const piece = (functionCall: unknown) => candidate([{ functionCall }]);
    const events = read(
      candidate([{ functionCall: { name: 'wx', id: 'v1', willContinue: true }, thoughtSignature: 'QUJD' }]),
      piece({ partialArgs: [{ jsonPath: '$.city', stringValue: 'Os', willContinue: true }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.city', stringValue: 'lo' }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.days[0].n', numberValue: 3 }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: "$['a b']", boolValue: false }], willContinue: true }),
      piece({ partialArgs: [{ jsonPath: '$.none', nullValue: 'NULL_VALUE' }], willContinue: true }),
      piece({}),
      piece({ name: 'next', args: { a: 1 } }),
    );
    expect(events).toEqual([
      {
        kind: 'call',
        candidate: 0,
        id: 'v1',
        name: 'wx',
        argsText: '{"city":"Oslo","days":[{"n":3}],"a b":false,"none":null}',
        signature: 'QUJD',
      },
      { kind: 'call', candidate: 0, id: undefined, name: 'next', argsText: '{"a":1}', signature: undefined },
    ]);
  });
});

describe('around the parts', () => {
  test('the end of a candidate comes behind its text, usage behind the end', () => {
    const chunk = {
      usageMetadata: { totalTokenCount: 3 },
      candidates: [{ finishReason: 'STOP', content: { parts: [{ text: 'hi' }] } }],
    };
    expect(read(chunk).map((event) => event.kind)).toEqual(['text', 'finish', 'usage']);
  });

  test('a candidate without an index has the number of its place', () => {
    const one = (text: string, index?: number) => ({ index, content: { parts: [{ text }] } });
    expect(read({ candidates: [one('a'), one('b')] }, { candidates: [one('c', 1)] })).toMatchObject([
      { text: 'a', candidate: 0 },
      { text: 'b', candidate: 1 },
      { text: 'c', candidate: 1 },
    ]);
  });

  test('a refused question is told with its reason', () => {
    const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT', blockReasonMessage: 'no' } };
    expect(read(blocked)).toEqual([{ kind: 'blocked', reason: 'PROHIBITED_CONTENT', message: 'no' }]);
    expect(read({ ...blocked, ...(candidate([{ text: 'x' }]) as object) }).map((event) => event.kind)).toEqual([
      'text',
    ]);
  });

  test('grounding, citations and logprobs are handed on as they are', () => {
    const more = {
      groundingMetadata: { groundingChunks: [] },
      citationMetadata: { citations: [] },
      logprobsResult: { chosenCandidates: [] },
    };
    expect(read(candidate([], more)).map((event) => event.kind)).toEqual(['logprobs', 'grounding', 'citation']);
  });
});
