import { describe, expect, it } from 'vitest';
import { argumentsText, readArguments } from '../../src/conversation/arguments.ts';
import { processorNow } from '../support/machine.ts';

describe('readArguments', () => {
  it.each<[string, unknown, string]>([
    ['an object', '{"a":1}', '{"a":1}'],
    [
      'white space goes, the rest stays as it is',
      ' { "b" : 1.0 , "2" : 9007199254740993, "1":"a b" }\n',
      '{"b":1.0,"2":9007199254740993,"1":"a b"}',
    ],
    ['H61: nothing', '', '{}'],
    ['blanks', ' \n', '{}'],
    ['absent', undefined, '{}'],
    ['null itself', null, '{}'],
    ['H61: "null"', 'null', '{"value":null}'],
    ['an array', '[1, 2]', '{"value":[1,2]}'],
    ['a text', '"x"', '{"value":"x"}'],
    ['H63: an object that is no text', { a: { b: 1 } }, '{"a":{"b":1}}'],
    ['an array that is no text', [1], '{"value":[1]}'],
    ['garbage behind', '{"a":1}}<|end|>', '{"a":1}'],
    ['a fence around', '```json\n{"a":1}\n```', '{"a":1}'],
    ['brackets left open', '{"a":[1,{"b":2', '{"a":[1,{"b":2}]}'],
    ['a text left open', '{"a":"be', '{"a":"be"}'],
    ['an escape left open', '{"a":"b\\', '{"a":"b"}'],
    ['a comma left over', '{"a":1,', '{"a":1}'],
    ['a bracket inside a text', '{"a":"}{"', '{"a":"}{"}'],
    ['prose', 'call it', '{"_raw":"call it"}'],
    ['a name without value', '{"a":', '{"_raw":"{\\"a\\":"}'],
    ['half a character', '{"a":"\\ud83d"}', '{"a":"\\ufffd"}'],
  ])('%s', (_case, value, expected) => {
    expect(argumentsText(readArguments(value))).toBe(expected);
  });

  it('survives what is nested too deep', () => {
    const deep = '['.repeat(50_000);
    expect(readArguments(deep)).toEqual({ _raw: deep });
  });

  it('is quick on long garbage', () => {
    const text = `{"a":"${'\\"'.repeat(500_000)}`;
    const started = processorNow();
    readArguments(text);
    expect(processorNow() - started).toBeLessThan(2000);
  });
});
