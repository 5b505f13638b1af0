import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { signaturesIn, withNeededSignatures, withSentinels } from '../../src/gemini/signature-stand-ins.ts';
import { SENTINEL } from '../../src/gemini/signatures.ts';
import type { Content } from '../../src/gemini/types.ts';

const catalogue = createCatalogue([]);
const model = (id: string) => catalogue.resolve(id).model;

describe('first calls', () => {
  const f = { functionCall: { name: 'f', args: {} } };
  const text = { text: 'x' };
  const user = { role: 'user', parts: [text] };
  const modelSays = (...parts: Content['parts'] & object): Content => ({ role: 'model', parts });

  test('H93: the sentinel stands on the first call of each model content that lacks a signature', () => {
    const contents = [user, modelSays(text, f, f), user, modelSays(f), user];
    expect(withNeededSignatures(contents, model('gemini-3-pro-preview'))).toEqual([
      user,
      modelSays(text, { ...f, thoughtSignature: SENTINEL }, f),
      user,
      modelSays({ ...f, thoughtSignature: SENTINEL }),
      user,
    ]);
    expect(contents[1]?.parts?.[1]).toBe(f);
  });

  test.each([
    ['undefined', undefined],
    ['empty', ''],
    ['null', null],
  ])('a signature that is %s is missing', (_what, thoughtSignature) => {
    const contents = [modelSays({ ...f, thoughtSignature } as never)];
    const changed = withNeededSignatures(contents, model('gemini-4-flash'));
    expect(changed[0]?.parts?.[0]?.thoughtSignature).toBe(SENTINEL);
  });

  test.each([
    ['signed already', [modelSays({ ...f, thoughtSignature: 'QUJD' }, f)]],
    ['signed with anything', [modelSays({ ...f, thoughtSignature: 'odd!' }, f)]],
    ['a call of a user', [{ role: 'user', parts: [f] }]],
    ['no call', [modelSays(text)]],
    ['no parts', [{ role: 'model' }]],
    ['odd parts', [{ role: 'model', parts: 'x' as never }, null as never, { role: 'model', parts: [null as never] }]],
    ['nothing', []],
  ])('%s: the same contents', (_what, contents: readonly Content[]) => {
    expect(withNeededSignatures(contents, model('gemini-3-pro-preview'))).toBe(contents);
  });

  test.each(['gemini-2.5-pro', 'gemini-2.0-flash', 'gemma-4-31b-it'])('%s needs none', (id) => {
    const contents = [modelSays(f)];
    expect(withNeededSignatures(contents, model(id))).toBe(contents);
  });
});

describe('models that paint', () => {
  const painter = model('gemini-3-pro-image-preview');
  const text = { text: 'Here it is.' };
  const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
  const linked = { fileData: { mimeType: 'image/png', fileUri: 'gs://x/y.png' } };
  const sentinel = { thoughtSignature: SENTINEL };
  const modelSays = (...parts: Content['parts'] & object): Content => ({ role: 'model', parts });

  test('the sentinel stands on the first text and on every picture of the model, in every turn', () => {
    const user = { role: 'user', parts: [text, picture] };
    const contents = [user, modelSays(text, text, picture, linked), user, modelSays(text), user];
    expect(withNeededSignatures(contents, painter)).toEqual([
      user,
      modelSays({ ...text, ...sentinel }, text, { ...picture, ...sentinel }, { ...linked, ...sentinel }),
      user,
      modelSays({ ...text, ...sentinel }),
      user,
    ]);
    expect(contents[1]?.parts?.[0]).toBe(text);
  });

  test('what is signed stays, and thoughts need none', () => {
    const thoughts = [
      { ...text, thought: true },
      { ...picture, thought: true },
    ];
    const contents = [modelSays(...thoughts, { ...text, thoughtSignature: 'QUJD' })];
    expect(withNeededSignatures(contents, painter)).toBe(contents);
    const [changed] = withNeededSignatures([modelSays(...thoughts, text, picture)], painter);
    expect(changed?.parts).toEqual([...thoughts, { ...text, ...sentinel }, { ...picture, ...sentinel }]);
  });

  test.each(['gemini-2.5-flash-image', 'gemini-3-pro-preview'])('%s needs none of these', (id) => {
    const contents = [modelSays(text, picture)];
    expect(withNeededSignatures(contents, model(id))).toBe(contents);
  });
});

describe('after a refusal', () => {
  const signed = { thoughtSignature: 'QUJD' };
  const request = {
    contents: [
      { role: 'user', parts: [{ text: 'x' }] },
      {
        role: 'model',
        parts: [
          { text: 'y', ...signed },
          { functionCall: { name: 'f' }, ...signed },
          { functionCall: { name: 'g' } },
          { inlineData: {}, thoughtSignature: 'RUZH' },
        ],
      },
    ],
    tools: [],
  };

  test('calls get the sentinel, other parts lose theirs', () => {
    const changed = withSentinels(request);
    expect(changed).toEqual({
      contents: [
        request.contents[0],
        {
          role: 'model',
          parts: [
            { text: 'y' },
            { functionCall: { name: 'f' }, thoughtSignature: SENTINEL },
            { functionCall: { name: 'g' } },
            { inlineData: {} },
          ],
        },
      ],
      tools: [],
    });
    expect(changed.contents?.[0]).toBe(request.contents[0]);
    expect(withSentinels(changed)).toBe(changed);
  });

  test('a request without signatures is the same one', () => {
    for (const plain of [{}, { contents: [] }, { contents: [{ role: 'user', parts: [{ text: 'x' }] }] }]) {
      expect(withSentinels(plain)).toBe(plain);
    }
  });

  test('the refused ones can be listed', () => {
    expect(signaturesIn(request)).toEqual(['QUJD', 'QUJD', 'RUZH']);
    expect(signaturesIn({ contents: [{ parts: [{ thoughtSignature: SENTINEL }] }] })).toEqual([]);
    expect(signaturesIn({})).toEqual([]);
    expect(signaturesIn({ contents: [null as never, { parts: [null as never] }] })).toEqual([]);
  });
});
