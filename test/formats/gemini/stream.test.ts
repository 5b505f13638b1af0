import { describe, expect, it, test } from 'vitest';
import { RelayError } from '../../../src/errors.ts';
import { createArrayEncoder, createSseEncoder } from '../../../src/formats/gemini/stream.ts';
import { chunk } from './serve.ts';

const error = new RelayError('UNAVAILABLE', 'Gone.', { status: 502 });
const envelope = { error: { code: 502, message: 'Gone.', status: 'UNAVAILABLE' } };

describe('server-sent events', () => {
  it('are Google’s texts, each with its blank line, and no mark at the end', () => {
    const encoder = createSseEncoder();
    expect(encoder.encode([chunk('{"a":1.0}'), chunk('{"b":2}')])).toBe('data: {"a":1.0}\r\n\r\ndata: {"b":2}\r\n\r\n');
    expect(encoder.encode([])).toBe('');
    expect(encoder.end()).toBe('');
  });

  it('keep a chunk with line breaks on one line', () => {
    expect(createSseEncoder().encode([chunk('{\r\n "a": 1\n}')])).toBe('data: {  "a": 1 }\r\n\r\n');
  });

  it('end with an error event and a cut connection', () => {
    const encoder = createSseEncoder();
    const text = encoder.fail(error);
    expect(text.endsWith('\r\n\r\n')).toBe(true);
    expect(JSON.parse(text.slice('data: '.length))).toEqual(envelope);
    expect(encoder.cutAfterFailure).toBe(true);
    expect(encoder.heartbeat({})).toBe(': keep-alive\r\n\r\n');
  });
});

describe('a JSON array', () => {
  it.each([
    ['nothing', [], []],
    ['one', ['{"a":1}'], [{ a: 1 }]],
    ['several in batches', ['{"a":1}', '{"b":2}', '{"c":3}'], [{ a: 1 }, { b: 2 }, { c: 3 }]],
  ])('of %s is valid JSON', (_name, texts, value) => {
    const encoder = createArrayEncoder();
    const batches = texts.map((text) => encoder.encode([chunk(text)]) + encoder.heartbeat({}));
    expect(JSON.parse(encoder.heartbeat({}) + batches.join('') + encoder.end())).toEqual(value);
  });

  it('puts a comma and a line break before each further element', () => {
    const encoder = createArrayEncoder();
    expect(encoder.encode([chunk('{"a":1}'), chunk('{"b":2}')])).toBe('[{"a":1},\r\n{"b":2}');
    expect(encoder.end()).toBe(']');
  });

  it('stays valid JSON after an error, which is its last element', () => {
    const begun = createArrayEncoder();
    expect(JSON.parse(begun.encode([chunk('{"a":1}')]) + begun.fail(error))).toEqual([{ a: 1 }, envelope]);
    expect(JSON.parse(createArrayEncoder().fail(error))).toEqual([envelope]);
  });
});

test.each([
  [
    'the SDK for JavaScript',
    { 'x-goog-api-client': 'google-genai-sdk/1.30.0 gl-node/v26.10.0' },
    ': keep-alive\r\n\r\n',
  ],
  ['the SDK for Python', { 'x-goog-api-client': 'google-genai-sdk/3.6.1 gl-python/3.11.2' }, '\r\n\r\n'],
  [
    'the SDK for Python, within another program',
    { 'user-agent': 'app google-genai-sdk/3.6.1 gl-python/3.11.2' },
    '\r\n\r\n',
  ],
  ['the SDK for Go', { 'x-goog-api-client': 'google-genai-sdk/1.77.0 gl-go/go1.26.8' }, '\r\n\r\n'],
  ['LiteLLM', { 'user-agent': 'litellm/1.106.0' }, '\r\n\r\n'],
  ['anybody else', { 'user-agent': 'curl/8.5.0' }, ': keep-alive\r\n\r\n'],
])('%s is told that a stream lives in a way that it reads', (_who, headers, said) => {
  expect(createSseEncoder().heartbeat(headers)).toBe(said);
});
