import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonError, RawJson, isObject, isRawNumber, parseJson, toNumber, writeJson } from '../src/json.ts';
import { compactJson, findMember, fixSurrogates } from '../src/json/text.ts';
import { processorNow } from './support/machine.ts';

const ARGS = new Set(['args']);

const failureOf = (text: string, raw?: ReadonlySet<string>): JsonError => {
  try {
    parseJson(text, raw ? { raw } : {});
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`this parsed: ${text}`);
};

describe('numbers', () => {
  test.each([
    ['9007199254740993'],
    ['-9007199254740993'],
    ['123456789012345678901234567890'],
    ['1.0'],
    ['-1.50'],
    ['0.0'],
    ['-0'],
    ['-0.0'],
    ['1e2'],
    ['1E+2'],
    ['1.5e-7'],
    ['0.0000001'],
    ['0.1000000000000000055511151231257827'],
    ['1e400'],
    ['42'],
    ['0.1'],
    ['-7.25'],
    ['999999999999999'],
  ])('%s is written as it was read, wherever it stands', (number) => {
    for (const text of [number, `[${number}]`, `{"a":${number}}`, `{"a":[1,{"b":${number}}]}`]) {
      expect(writeJson(parseJson(text))).toBe(text);
      expect(writeJson(parseJson(`{"args":{"x":1},"y":${text}}`, { raw: ARGS }))).toBe(`{"args":{"x":1},"y":${text}}`);
    }
  });

  test('an ordinary number is a plain number, an odd one a kept one', () => {
    expect(parseJson('{"a":1,"b":2.5}')).toEqual({ a: 1, b: 2.5 });
    const kept = parseJson('1.0');
    expect(isRawNumber(kept)).toBe(true);
    expect(toNumber(kept)).toBe(1);
    expect(toNumber(3)).toBe(3);
    expect(toNumber('3')).toBeUndefined();
    expect(isObject(kept)).toBe(false);
  });

  const spelling = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9]\d{0,24}$/)),
      fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,20}$/)),
      fc.oneof(fc.constant(''), fc.stringMatching(/^[eE][+-]?\d{1,3}$/)),
    )
    .map((pieces) => pieces.join(''));

  test('any spelling of a number survives', () => {
    fc.assert(
      fc.property(spelling, fc.boolean(), (number, exact) => {
        const text = exact ? `{"args":{},"n":[${number}]}` : `{"n":[${number}, 1]}`.replace(' ', '');
        expect(writeJson(parseJson(text, exact ? { raw: ARGS } : {}))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('a number survives in a long text as in a short one, whatever the strings around it hold', () => {
    const PADDING = 'prose '.repeat(4000);
    const prose = fc.string({ unit: fc.constantFrom('"', '\\', ' ', ':', ',', '1', '.0', 'e5', '9'.repeat(16), 'é') });
    const gap = fc.constantFrom('', ' ', '\n\t');
    fc.assert(
      fc.property(spelling, prose, prose, gap, (number, before, after, space) => {
        const text = `{"p":${JSON.stringify(PADDING)},"a":[${JSON.stringify(before)},${space}${number}${space},${JSON.stringify(after)}]}`;
        const compact = space === '' ? text : text.replace(`,${space}${number}${space},`, `,${number},`);
        expect(writeJson(parseJson(text))).toBe(compact);
      }),
    );
    for (const number of ['1.0', '-0', '9007199254740993']) {
      const only = `[${`${number},`.repeat(9000)}1]`;
      expect(writeJson(parseJson(only))).toBe(only);
    }
  });
});

describe('parse and write', () => {
  test('any JSON value comes back, read either way', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        // Both readers against the engine: the second is made to run by a name that is kept raw.
        const value: unknown = JSON.parse(json);
        expect(JSON.parse(writeJson(parseJson(json)))).toEqual(value);
        const around = `{"args":{},"v":${json}}`;
        expect(JSON.parse(writeJson(parseJson(around, { raw: ARGS })))).toEqual({ args: {}, v: value });
      }),
    );
  });

  test('plain values are written as the engine writes them', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => writeJson(value) === JSON.stringify(value)));
    expect(writeJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
  });

  test.each([['{"__proto__":{"polluted":1.0}}'], ['{"args":{},"__proto__":{"polluted":true}}']])(
    'R29: %s has a member of that name, and no other prototype',
    (text) => {
      const value = parseJson(text, { raw: ARGS });
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
      expect((value as { polluted?: unknown }).polluted).toBeUndefined();
      expect(writeJson(value)).toBe(text);
    },
  );

  test('R29: of a repeated name the last value counts', () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(writeJson(parseJson('{"args":{"n":1},"args":{"n":2}}', { raw: ARGS }))).toBe('{"args":{"n":2}}');
  });
});

describe('raw members', () => {
  test('a member of the name is kept to the letter', () => {
    const args = '{ "9":1, "1": 1.0,\n"big":9007199254740993, "s":"a\\u0062\\/" }';
    const value = parseJson(`{"parts":[{"args":${args}},{"args":[ ]},{"args":"text"}]}`, { raw: ARGS });
    expect(value).toEqual({ parts: [{ args: new RawJson(args) }, { args: new RawJson('[ ]') }, { args: 'text' }] });
    expect(writeJson(value)).toBe(`{"parts":[{"args":${args}},{"args":[ ]},{"args":"text"}]}`);
  });

  test('what a client writes is never taken for the place of a kept text', () => {
    const odd = fc.string({ unit: fc.constantFrom('\0', '"', '\\', 'u0000', '\\u0000', 'a'), maxLength: 6 });
    const object = fc.dictionary(odd, fc.oneof(odd, fc.array(odd)), { maxKeys: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(odd, odd, object), { minLength: 1 }), (pieces) => {
        const text = JSON.stringify(pieces.map(([name, said, args]) => ({ [`a${name}`]: said, args, [name]: [said] })));
        const value = parseJson(text, { raw: ARGS });
        expect(value).toMatchObject(pieces.map(() => ({ args: expect.any(RawJson) as RawJson })));
        expect(writeJson(value)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('what a client writes makes the place of a kept text no longer', () => {
    const [many, kept] = [20_000, 2000];
    const said = { said: ['\0', '\0'.repeat(many)] };
    const text = JSON.stringify([said, ...Array.from({ length: kept }, (_, index) => ({ args: { index } }))]);
    const value = parseJson(text, { raw: ARGS });
    const before = processorNow();
    expect(writeJson(value)).toBe(text);
    // As long as each other's place, they would be 240 MB in between.
    expect(processorNow() - before).toBeLessThan(50);
  });

  test('a value that cannot be written leaves nothing behind', () => {
    expect(() => writeJson({ args: new RawJson('[1.0]'), count: 1n })).toThrow(TypeError);
    expect(JSON.stringify({ args: new RawJson('[1.0]') })).toBe('{"args":[1]}');
  });

  test('any object under the name keeps its exact text', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const value = parseJson(`{"a":[{"args":${text}}]}`, { raw: ARGS }) as { a: { args: RawJson }[] };
        expect(value.a[0]?.args.text).toBe(text);
        expect(value.a[0]?.args.read()).toEqual(JSON.parse(text));
      }),
    );
  });

  test('a name spelled with escapes is the same name', () => {
    expect(parseJson('{"\\u0061rgs":{"a":1.0}}', { raw: ARGS })).toEqual({ args: new RawJson('{"a":1.0}') });
  });

  test.each([
    ['escapes', `{"a":"${'\\u0041'.repeat(200_000)}"}`],
    ['quotes', `{"a":"${'\\"'.repeat(500_000)}"}`],
    ['both', `{"a":"${'\\"\\u0041'.repeat(200_000)}"}`],
    ['backslashes', `{"a":"${'\\\\'.repeat(500_000)}"}`],
  ])('R25: a text full of %s is looked through once', (_what, text) => {
    const start = processorNow();
    parseJson(text, { raw: ARGS });
    expect(processorNow() - start).toBeLessThan(1_000);
  });
});

describe('what is no JSON', () => {
  test.each([
    ['', 0],
    ['   ', 3],
    ['{"a":}', 5],
    ['{"a" 1}', 5],
    ['{a:1}', 1],
    ['{"a":1,}', 7],
    ['[1 2]', 3],
    ['[1,]', 3],
    ['[1', 2],
    ['{"a":"b', 7],
    ['{"a":"b\\"', 9],
    ['01', 1],
    ['1.', 1],
    ['-', 0],
    ['tru', 0],
    ['NaN', 0],
    ['{} {}', 3],
    ['["a\nb"]', 3],
    ['["\\n\\x"]', 4],
    ['["\\u12"]', 2],
    ["{'a':1}", 1],
  ])('%j is refused at position %i', (text, position) => {
    expect(failureOf(text).position).toBe(position);
  });

  test('line and column are told, the text is not', () => {
    const error = failureOf('{\n  "key": "secret",\n  "b": oops\n}');
    expect(error.message).toContain('line 3, column 8');
    expect(error.message).not.toContain('secret');
    expect(error.message).not.toContain('oops');
  });

  test('both readers refuse what the engine refuses', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', ',', '}', ']', '\\', ':', '1', '\u0001', 'x'))
      .map(([json, at, piece]) => {
        const position = at % (json.length + 1);
        return json.slice(0, position) + piece + json.slice(position + 1);
      });
    fc.assert(
      fc.property(broken, (text) => {
        const accepts = (read: () => unknown) => {
          try {
            read();
            return true;
          } catch {
            return false;
          }
        };
        const expected = accepts(() => JSON.parse(text));
        expect(accepts(() => parseJson(text))).toBe(expected);
        expect(accepts(() => parseJson(`{"args":{},"v":${text}}`, { raw: ARGS }))).toBe(
          accepts(() => JSON.parse(`{"args":{},"v":${text}}`)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe('depth', () => {
  const nested = (levels: number, open: string, inner: string, close: string) =>
    open.repeat(levels) + inner + close.repeat(levels);

  test.each([
    ['arrays', nested(100_000, '[', '', ']')],
    ['objects', nested(100_000, '{"a":', '1', '}')],
    ['objects with an odd number', nested(100_000, '{"a":', '1.0', '}')],
    ['raw members', nested(100_000, '{"args":', '1.0', '}')],
    ['unclosed arrays', '['.repeat(100_000)],
  ])('R29: 100 000 levels of %s are refused, not an overflow', (_what, text) => {
    for (const raw of [undefined, ARGS]) expect(failureOf(text, raw).message).toContain('deeper than 200 levels');
  });

  test('the limit is exact in both readers', () => {
    for (const raw of [new Set<string>(), ARGS]) {
      expect(() => parseJson(nested(4, '{"args":', '1', '}'), { raw, maxDepth: 4 })).not.toThrow();
      expect(() => parseJson(nested(5, '{"args":', '1', '}'), { raw, maxDepth: 4 })).toThrow('deeper than 4');
      expect(() => parseJson(nested(4, '[', '', ']'), { raw, maxDepth: 4 })).not.toThrow();
      expect(() => parseJson(nested(5, '[', '', ']'), { raw, maxDepth: 4 })).toThrow('deeper than 4');
    }
  });
});

describe('findMember', () => {
  const slice = (text: string, name: string) => {
    const span = findMember(text, name);
    return span && text.slice(span.start, span.end);
  };

  test.each([
    ['{"response":{"a":[1,"}"]},"traceId":"x"}', 'response', '{"a":[1,"}"]}'],
    ['{"response":{},"traceId":"x\\"}"}', 'traceId', '"x\\"}"'],
    [' { "a" : 1.0 , "b" : [ ] } ', 'a', '1.0'],
    ['{"a":{"b":1}}', 'b', undefined],
    ['{"a":1,"a":2}', 'a', '2'],
    ['{"\\u0061":1}', 'a', '1'],
    ['[{"a":1}]', 'a', undefined],
    ['{}', 'a', undefined],
    ['', 'a', undefined],
  ])('in %j, %j is %j', (text, name, expected) => {
    expect(slice(text, name)).toBe(expected);
  });

  test('finds what the engine finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 2), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const read = JSON.parse(text) as Record<string, unknown>;
        for (const name of [...Object.keys(read), 'constructor', 'absent']) {
          const found = slice(text, name);
          if (Object.hasOwn(read, name)) expect(JSON.parse(found ?? '')).toEqual(read[name]);
          else expect(found).toBeUndefined();
        }
      }),
    );
  });

  test('broken text and deep text do no harm', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '"', ':', ',', 'a', '\\', '[', ' ') }), (text) => {
        slice(text, 'a');
      }),
    );
    expect(slice('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), 'a')?.length).toBe(599_995);
  });
});

describe('compactJson', () => {
  test('takes white space between tokens only', () => {
    expect(compactJson('{ "a b" :\n\t[ 1.0 , "x \\" y" ] }')).toBe('{"a b":[1.0,"x \\" y"]}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => compactJson(JSON.stringify(value, null, 3)) === JSON.stringify(value)),
    );
  });

  test('a string of many megabytes is no trouble', () => {
    const text = JSON.stringify({ a: 'x"'.repeat(5_000_000) });
    expect(compactJson(`{ ${text.slice(1)}`)).toBe(text);
  });
});

describe('fixSurrogates', () => {
  test.each([
    ['"\\ud83d"', '"\\ufffd"'],
    ['"\\ude00"', '"\\ufffd"'],
    ['"\\ud83d\\ude00"', '"\\ud83d\\ude00"'],
    ['"\\uD83D\\uDE00"', '"\\uD83D\\uDE00"'],
    ['"\\ude00\\ud83d"', '"\\ufffd\\ufffd"'],
    ['"\\ud83d\\ud83d\\ude00\\ude00"', '"\\ufffd\\ud83d\\ude00\\ufffd"'],
    ['"\\ud83dx\\ude00"', '"\\ufffdx\\ufffd"'],
    ['"\\\\ud83d"', '"\\\\ud83d"'],
    ['"\\\\\\ud83d"', '"\\\\\\ufffd"'],
    ['"\\ud83d\\\\ude00"', '"\\ufffd\\\\ude00"'],
    ['"plain \\u00e9"', '"plain \\u00e9"'],
    ['\\ud83d', '\\ufffd'],
  ])('H103: %s becomes %s', (text, expected) => {
    expect(fixSurrogates(text)).toBe(expected);
  });

  test('R25: 16 MiB of nothing but halves take less than 250 ms of the processor', () => {
    const text = '\\ud83d'.repeat(2_800_000);
    const took = Array.from({ length: 3 }, () => {
      const before = processorNow();
      expect(fixSurrogates(text)).toHaveLength(text.length);
      return processorNow() - before;
    });
    // Whoever shares the core and its caches only ever adds to it.
    expect(Math.min(...took)).toBeLessThan(250);
  });

  test('what is left is well formed, and what was well formed is the same', () => {
    const unit = fc.constantFrom('\ud83d', '\ude00', '\\', '"', 'u', 'd', 'a', '😀');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const escaped = JSON.stringify(text).replace(
          /[\ud800-\udfff]/g,
          (half) => `\\u${half.charCodeAt(0).toString(16)}`,
        );
        expect(JSON.parse(fixSurrogates(escaped))).toBe(text.toWellFormed());
      }),
      { numRuns: 1_000 },
    );
  });
});
