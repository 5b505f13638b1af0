import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, parseJson, RawJson, writeJson } from '../../src/json.ts';
import { liftStrings, LONG_STRING } from '../../src/json/long-strings.ts';
import { sliceStrings } from '../../src/json/slices.ts';
import { fixSurrogates } from '../../src/json/text.ts';

const PREFIX = 'RelayPayload012345678901';
const RAW = new Set(['args']);

const plainly = (json: string): unknown => parseJson(fixSurrogates(json), { raw: RAW });

/** Undefined where nothing was lifted, or what was lifted left no JSON. */
const inParts = async (json: string): Promise<{ readonly body: unknown; readonly restBytes: number } | undefined> => {
  const lifted = await liftStrings(Buffer.from(json), PREFIX);
  if (!lifted) return undefined;
  const rest = Buffer.concat(lifted.rest);
  const body = parseJson(fixSurrogates(rest.toString()), { raw: RAW });
  expect(await lifted.putBack(body)).toBe(true);
  return { body, restBytes: rest.length };
};

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
      .array(
        fc.tuple(fc.oneof(fc.constantFrom('text', 'args', '__proto__', 'arguments'), spelled, long), tie('value')),
        { maxLength: 4 },
      )
      .map((members) => `{${members.map(([name, item]) => `"${name}"\n: ${item}`).join(',')}}`),
  ),
})).value;

describe('long strings', () => {
  it('are read as the plain way reads them', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (json) => {
        // Of a body; what stands alone has no place to be put back to.
        const read = await inParts(`{"v":${json}}`);
        if (read) expect(isDeepStrictEqual(read.body, plainly(`{"v":${json}}`))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('are written as the plain way writes them', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (json) => {
        const body = plainly(json);
        const { rest, texts } = await sliceStrings(body, (index) => `<${index}>`);
        const written = writeJson(rest).replace(/<(\d+)>/g, (_name, index: string) =>
          Buffer.concat(texts[Number(index)] ?? []).toString(),
        );
        expect(written === writeJson(body)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  const LONG = 'a\\n'.repeat(LONG_STRING);

  it('leave nothing but names where the rest is parsed', async () => {
    const read = await inParts(`{"a":"${LONG}","b":["${LONG}"],"c":1}`);
    expect(read?.restBytes).toBeLessThan(200);
    expect(read?.body).toEqual({ a: 'a\n'.repeat(LONG_STRING), b: ['a\n'.repeat(LONG_STRING)], c: 1 });
  });

  it('in a text that is carried stay as they were written', async () => {
    const read = await inParts(`{"args":{"a":"${LONG}"}}`);
    expect(read?.body).toEqual({ args: new RawJson(`{"a":"${LONG}"}`) });
  });

  it('pass over the bounds of stretches and slices', async () => {
    const text = '😀\\ud83d\\ude00"'.replace('"', '\\"').repeat(200_000);
    const read = await inParts(`{"a":"${text}"}`);
    const meant = '😀😀"'.repeat(200_000);
    expect((read?.body as { a: string }).a === meant).toBe(true);
    const { texts } = await sliceStrings(read?.body, () => 'name');
    expect(texts[0]?.length).toBeGreaterThan(1);
    expect(Buffer.concat(texts[0] ?? []).toString() === JSON.stringify(meant).slice(1, -1)).toBe(true);
  });

  it.each([
    ['a name of a member', `{"${LONG}":1}`],
    ['what may be JSON in its turn', `{"arguments" : "${LONG}"}`],
    ['a short one', '{"a":"b"}'],
  ])('%s is left to the plain way', async (_what, json) => {
    expect(await liftStrings(Buffer.from(json), PREFIX)).toBeUndefined();
  });

  const failureOf = (read: () => unknown): JsonError => {
    try {
      read();
    } catch (error) {
      if (error instanceof JsonError) return error;
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
    ['a missing bracket', `{"a":"${LONG}"\n`],
  ])('beside %s: what is wrong is told with its place in the whole', async (_what, json) => {
    const lifted = await liftStrings(Buffer.from(json), PREFIX);
    const rest = Buffer.concat(lifted?.rest ?? []).toString();
    const { problem, position } = failureOf(() => parseJson(rest.replace('\uFEFF', '')));
    const place = await lifted?.placeOf(position);
    const told = place && new JsonError(problem, place).message;
    expect(told).toBe(failureOf(() => parseJson(json.replace('\uFEFF', ''))).message);
  });

  it('that are no UTF-8 are refused before anything is changed', async () => {
    const bytes = Buffer.concat([Buffer.from(`["${LONG}`), Buffer.from([0xff]), Buffer.from('"]')]);
    const lifted = await liftStrings(bytes, PREFIX);
    expect(await lifted?.putBack([`${PREFIX}000000`])).toBe(false);
    expect(bytes.includes(LONG)).toBe(true);
  });
});
