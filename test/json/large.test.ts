import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, JsonError, parseJson, RawJson, writeJson } from '../../src/json.ts';
import { JsonText } from '../../src/json/json-text.ts';
import { readLarge } from '../../src/json/large.ts';
import { LONGEST_NAME } from '../../src/json/large-limits.ts';
import { writeLarge } from '../../src/json/large-writer.ts';
import { fixSurrogates } from '../../src/json/text.ts';

const LONG_STRING = 8 * 1024;
const RAW = new Set(['args']);

const plainly = (json: string): unknown => parseJson(fixSurrogates(json), { raw: RAW });

const OPTIONS = {
  raw: RAW,
  maxValues: 250_000,
  maxKept: 250_000,
  tooMany: () => new Error('too many'),
  longName: () => new Error('a long name'),
  alike: (name: string) => new Error(`alike: ${name}`),
};

const read = async (json: string, options: Partial<Parameters<typeof readLarge>[1]> = {}): Promise<unknown> =>
  (await readLarge(Buffer.from(json), { ...OPTIONS, ...options })).value;

/** What was kept as it came, as its text. */
const opened = (value: unknown): unknown => {
  if (value instanceof RawJson) return { kept: value.text };
  if (Array.isArray(value)) return value.map(opened);
  return isObject(value) ? Object.entries(value).map(([name, inner]) => [name, opened(inner)]) : value;
};

const written = async (value: unknown): Promise<string> =>
  Buffer.concat(await writeLarge(value, { known: new Map(), isPlain: () => true, finish: (json) => json })).toString();

/** Pieces of JSON text in a string: letters, all escapes, halves of pairs. */
const spelled = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'é', '中', '😀', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', ',[{', ': '),
      fc.constantFrom('\\u0041', '\\u00e9', '\\u4E2D', '\\ud83d', '\\ude00', '\\uD83D\\uDE00', '\\ud83d\\ud83d\\ude00'),
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((pieces) => pieces.join(''));
const long = spelled.map((text) => text.repeat(Math.ceil(LONG_STRING / text.length)));
const value = fc.letrec<{ readonly value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('1', '1.0', 'null', '""', '" "', '{}', '[]'),
    long.map((text) => `"${text}"`),
    spelled.map((text) => `"${text}"`),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(' , ')}]`),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom('text', 'args', '__proto__', 'arguments'), spelled), tie('value')), {
        maxLength: 4,
      })
      .map((members) => `{${members.map(([name, item]) => `"${name}"\n: ${item}`).join(',')}}`),
  ),
})).value;

describe('a large body', () => {
  it('is read as the plain way reads it', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (json) => {
        expect(isDeepStrictEqual(opened(await read(json)), opened(plainly(json)))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is written as the plain way writes it', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (json) => {
        const body = plainly(json);
        expect((await written(body)) === writeJson(body)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is written with its longest strings as they came', async () => {
    const json = `{"a":"${'\\u0041'.repeat(200_000)}","b":[{"c":"${'é'.repeat(400_000)}"}]}`;
    const { value: body, written: known, holdsBytes } = await readLarge(Buffer.from(json), OPTIONS);
    expect(holdsBytes).toBe(true);
    const pieces = await writeLarge(body, { known, isPlain: () => true, finish: (text) => text });
    expect(Buffer.concat(pieces).toString() === json).toBe(true);
  });

  const LONG = 'a\\n'.repeat(LONG_STRING);

  it.each([
    ['null', '{"a":null,"b":[true,false,null]}'],
    ['numbers that JavaScript spells otherwise', '[1.0,-0,1e2,9007199254740993,0.1,-12]'],
    ['empty things and white space', ' { "a" : [ ] , "b" : { } , "" : "" } \n'],
    ['a name that stands twice', '{"a":1,"b":2,"a":3}'],
    ['__proto__', '{"__proto__":{"a":1},"b":{"__proto__":1}}'],
    ['a value alone', '"a"'],
    ['kept text with everything in it', '{"args":{"args":[1.0, "\\ud83d",{ }],"":"\\u0041"},"b":{"args":"a"}}'],
  ])('%s', async (_what, json) => {
    expect(opened(await read(json))).toEqual(opened(plainly(json)));
    expect(await written(await read(json))).toBe(writeJson(plainly(json)));
  });

  it('holds text that is carried as it was written', async () => {
    expect(opened(await read(`{"args":{"a":"${LONG}"}}`))).toEqual([['args', { kept: `{"a":"${LONG}"}` }]]);
  });

  it('passes over the bounds of stretches and slices', async () => {
    const text = '😀\\ud83d\\ude00"'.replace('"', '\\"').repeat(200_000);
    const body = await read(`{"a":"${text}"}`);
    const meant = '😀😀"'.repeat(200_000);
    expect((body as { a: string }).a === meant).toBe(true);
    expect((await written(body)) === JSON.stringify({ a: meant })).toBe(true);
  });

  it.each([
    ['an object', `{"a":"${LONG}"}`, 'object'],
    ['a list', ` ["${LONG}"]`, 'value'],
    ['no JSON', `{"a":"${LONG}`, 'nothing'],
  ] as const)('looks through long arguments once: %s', async (_what, inner, holds) => {
    const text = inner.replace(LONG, LONG.repeat(4));
    const json = JSON.stringify({ call: { arguments: text } });
    const body = (await read(json)) as { call: { arguments: unknown } };
    const { arguments: given } = body.call;
    expect(given instanceof JsonText && given.holds).toBe(holds);
    expect((await written(body)) === json).toBe(true);
    expect(writeJson(body) === json).toBe(true);
  });

  it('leaves short arguments to their reader, as long as there are few', async () => {
    const items = (count: number): unknown[] =>
      Array.from({ length: count }, () => ({ arguments: 'a'.repeat(60_000) }));
    const few = (await read(JSON.stringify(items(30)))) as readonly { arguments: unknown }[];
    expect(few.every((item) => typeof item.arguments === 'string')).toBe(true);
    const many = (await read(JSON.stringify(items(60)))) as readonly { arguments: unknown }[];
    expect(many.at(-1)?.arguments).toBeInstanceOf(JsonText);
  });

  it('reads members that hold their JSON as a string, where they may', async () => {
    const inText = new Set(['messages']);
    const json = JSON.stringify({ messages: '[{"a":"b"}]', other: { messages: '[1]' } });
    expect(await read(json, { inText })).toEqual({ messages: [{ a: 'b' }], other: { messages: '[1]' } });
    const broken = (await read('{"messages":"[1"}', { inText })) as { messages: unknown };
    expect(broken.messages).toBeInstanceOf(JsonText);
  });

  it('of too many values is refused, wherever they stand', async () => {
    const values = (count: number): string => `[${'1,'.repeat(count - 2)}1]`;
    const options = { maxValues: 1000, maxKept: 2000 };
    await expect(read(values(1000), options)).resolves.toHaveLength(999);
    await expect(read(values(1001), options)).rejects.toThrow('too many');
    await expect(read(`{"args":${values(1001)}}`, options)).resolves.toBeDefined();
    await expect(read(`{"args":${values(2002)}}`, options)).rejects.toThrow('too many');
    const many = JSON.stringify(Array.from({ length: 3 }, () => ({ arguments: values(900) })));
    await expect(read(many, options)).rejects.toThrow('too many');
    const inText = JSON.stringify({ arguments: `["${'a'.repeat(70_000)}",${values(2002)}]` });
    await expect(read(inText, options)).rejects.toThrow('too many');
  });

  it('with a name longer than any needs to be is refused', async () => {
    await expect(read(`{"${'a'.repeat(LONGEST_NAME)}":1}`)).resolves.toBeDefined();
    await expect(read(`{"${'a'.repeat(LONGEST_NAME + 1)}":1}`)).rejects.toThrow('a long name');
  });

  const alike = (name: string, count: number, length = 17_000): string =>
    JSON.stringify(
      Array.from({ length: count }, (_, index) => ({ [name]: ['a'.repeat(length) + String(index + 1000)] })),
    );

  it.each([
    ['ids', alike('id', 33)],
    ['ids of another spelling', alike('id', 33).replaceAll('aaa', 'a\\u0061a')],
    ['ids of megabytes', alike('id', 33, 300_000)],
  ])('with long %s that only a look at all letters tells apart is refused', async (_what, json) => {
    await expect(read(json)).rejects.toThrow('alike: id');
  });

  it.each([
    ['the same again', JSON.stringify(Array.from({ length: 99 }, () => ({ id: 'a'.repeat(17_000) })))],
    ['few', alike('id', 32)],
    ['shorter ones', alike('id', 99, 16_000)],
    ['texts', alike('text', 99)],
    [
      'what begins otherwise',
      JSON.stringify(Array.from({ length: 99 }, (_, index) => String(index + 100).repeat(6000))),
    ],
  ])('%s is read', async (_what, json) => {
    await expect(read(json)).resolves.toEqual(JSON.parse(json));
  });

  const messageOf = async (reading: () => unknown): Promise<string> => {
    try {
      await reading();
    } catch (error) {
      if (error instanceof JsonError) return error.message;
      throw error;
    }
    throw new Error('it is JSON');
  };

  it.each([
    ['a broken escape', `{"a":"${LONG}\\x"}`],
    ['a broken escape of four', `{"a":"é",\n"b":"${LONG}\\u12g4"}`],
    ['a line break', `{"a":"${LONG}",\n\n "b":"中${LONG}😀\n"}`],
    ['no end', `{"a":"${LONG}`],
    ['an end behind a backslash', `{"a":"${LONG}\\"`],
    ['a short string without an end', `{"a":"${LONG}","b":"c`],
    ['something before', `{"é"\n1:"${LONG}"}`],
    ['something before what is broken itself', `{"é"\n1:"${LONG}\\x"}`],
    ['something between', `{"a":"${LONG}😀",\n "中" "b":"${LONG}"}`],
    ['something behind', `\uFEFF{"a":"${LONG}"\n,"b":"${LONG}"]`],
    ['something behind the end', `{"a":"${LONG}"}\n1`],
    ['a comma too many', `{"a":"${LONG}","b":[1,]}`],
    ['no value', `{"a":"${LONG}","b":nul}`],
    ['half a number', `{"a":"${LONG}","b":1.}`],
    ['a missing bracket', `{"a":"${LONG}"\n`],
    ['nothing', ' '],
  ])('beside %s: what is wrong is told with its place', async (_what, json) => {
    const told = await messageOf(() => read(json));
    expect(told).toBe(await messageOf(() => parseJson(json.replace('\uFEFF', ''))));
  });

  it('is nested no deeper than the plain way allows', async () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    await expect(read(nested(200))).resolves.toBeDefined();
    expect(await messageOf(() => read(nested(201)))).toContain('deeper than 200 levels');
  });
});
