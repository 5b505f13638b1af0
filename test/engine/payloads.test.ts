import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liftPayloads, lowerPayloads } from '../../src/engine/payloads.ts';
import type { PayloadForm } from '../../src/engine/payloads.ts';

const PREFIX = 'RelayPayload012345678901';
const LONG = 'QUJD'.repeat(20_000);

const textOf = (pieces: readonly Buffer[]): string => Buffer.concat(pieces).toString();

const roundTrip = async (json: string, form: PayloadForm) => {
  const lifted = await liftPayloads(Buffer.from(json), form, () => PREFIX);
  if (!lifted) return undefined;
  const value: unknown = JSON.parse(textOf(lifted.rest));
  const body = lowerPayloads(JSON.stringify(value), lifted.payloads);
  return { value, count: lifted.payloads.texts.length, written: typeof body === 'string' ? body : textOf(body) };
};

const url = (text: string, type = 'image/png') => `data:${type};base64,${text}`;
const image = (text: string) => ({ type: 'image_url', image_url: { url: text } });

describe('payloads', () => {
  it.each<[string, PayloadForm, unknown, number]>([
    ['one image', 'data-url', [image(url(LONG))], 1],
    ['several, and text with other letters', 'data-url', ['é', image(url(LONG)), '“中”', image(url(`${LONG}QQ==`))], 2],
    ['a file of a type that nobody reads', 'data-url', { file_data: url(LONG, 'application/pdf') }, 1],
    ['a type with parameters', 'data-url', image(url(LONG, 'audio/wav;codecs=1')), 1],
    ['inline data', 'data-member', { inlineData: { mimeType: 'image/png', data: LONG } }, 1],
    ['any text in a member `data`', 'data-member', { data: `<${LONG}>` }, 1],
  ])('%s stay bytes, and come back as they were', async (_what, form, value, count) => {
    const json = JSON.stringify(value);
    const read = await roundTrip(json, form);
    expect(read?.count).toBe(count);
    expect(JSON.stringify(read?.value).length).toBeLessThan(1000);
    expect(read?.written).toBe(json);
  });

  it.each<[string, PayloadForm, string]>([
    ['a short one', 'data-url', JSON.stringify(image(url('QUJD')))],
    ['a long body with a short one', 'data-url', JSON.stringify([LONG, image(url('QUJD'))])],
    ['text in a data URL', 'data-url', JSON.stringify(image(url(LONG, 'text/plain')))],
    ['a drawing, which is text', 'data-url', JSON.stringify(image(url(LONG, 'image/svg+xml')))],
    ['no type', 'data-url', JSON.stringify(image(`data:;base64,${LONG}`))],
    ['the alphabet for URLs', 'data-url', JSON.stringify(image(url(`${LONG}ab-_`)))],
    ['no padding', 'data-url', JSON.stringify(image(url(`${LONG}QQ`)))],
    ['line breaks', 'data-url', JSON.stringify(image(url(`${LONG}\nABC`)))],
    ['percent signs', 'data-url', JSON.stringify(image(url(`${LONG}%3D%3D%3D%3D`)))],
    ['letters outside of ASCII', 'data-url', JSON.stringify(image(url(`${LONG}éé`)))],
    ['JSON inside of a string', 'data-url', JSON.stringify({ arguments: JSON.stringify(image(url(LONG))) })],
    ['a text that only mentions one', 'data-url', JSON.stringify(`see ${url(LONG)}`)],
    ['a member of another name', 'data-member', JSON.stringify({ text: LONG })],
    ['a value `data`', 'data-member', JSON.stringify(['data', LONG])],
    ['escapes', 'data-member', JSON.stringify({ data: `${LONG}\n` })],
    ['JSON inside of a string', 'data-member', JSON.stringify({ text: JSON.stringify({ data: LONG }) })],
    ['no end', 'data-member', `{"data":"${LONG}`],
    ['the alphabet for URLs far behind', 'data-url', JSON.stringify(image(url(`${LONG.repeat(4)}ab-_${LONG}`)))],
    ['a letter outside of ASCII far behind', 'data-member', JSON.stringify({ data: `${LONG.repeat(4)}é${LONG}` })],
    ['escapes far behind', 'data-member', JSON.stringify({ data: `${LONG.repeat(4)}\t${LONG}` })],
  ])('%s is left alone', async (_what, form, json) => {
    expect(await liftPayloads(Buffer.from(json), form, () => PREFIX)).toBeUndefined();
  });

  it.each([-4, 0, 4])('ends where the looks at it end, and %i bytes from there', async (more) => {
    for (const kilobytes of [64, 128, 256]) {
      const json = JSON.stringify({ data: 'Q'.repeat(kilobytes * 1024 + more) });
      const read = await roundTrip(json, 'data-member');
      expect(read?.count ?? 0).toBe(kilobytes * 1024 + more >= 64 * 1024 ? 1 : 0);
      expect(read?.written ?? json).toBe(json);
    }
  });

  it('reads and writes any body as the plain way does', async () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.nat(),
      fc.constantFrom(LONG, url(LONG), `${url(LONG)}"`, `\\${LONG}`, `"data":"${LONG}"`, url(`${LONG}=`)),
    );
    const key = fc.constantFrom('data', 'url', 'text', '"data"', 'da\\ta');
    const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(key, leaf, { maxKeys: 3 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { maxLength: 3 }),
        fc.constantFrom('data-url', 'data-member'),
        async (body, form) => {
          for (const json of [JSON.stringify(body), JSON.stringify(body, null, 1)]) {
            const read = await roundTrip(json, form);
            if (read) expect(read.written).toBe(JSON.stringify(body));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
