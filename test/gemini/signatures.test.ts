import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCatalogue } from '../../src/gemini/models.ts';
import {
  SENTINEL,
  SIGNATURE_LIMITS,
  createSignatureCache,
  isSignature,
  signaturesIn,
  splitSignedId,
  withFirstCallSignatures,
  withSentinels,
} from '../../src/gemini/signatures.ts';
import type { Content } from '../../src/gemini/types.ts';

const catalogue = createCatalogue([]);
const model = (id: string) => catalogue.resolve(id).model;
const from = { family: '3', account: 'owner' };
const call = (id: string, args = '{}', name = 'f') => ({ id, name, args });

const createClock = () => {
  let ms = 0;
  return { monotonic: () => ms, advance: (by: number) => (ms += by) };
};

const createCache = (limits = {}) => {
  const clock = createClock();
  return { clock, cache: createSignatureCache({ ...SIGNATURE_LIMITS, ...limits }, clock) };
};

describe('isSignature', () => {
  test.each([
    ['QUJDRA==', true],
    ['QUI=', true],
    ['QUJD', true],
    ['ab+/', true],
    ['A'.repeat(40_000), true],
    ['', false],
    ['====', false],
    ['Q===', false],
    ['QUJ', false],
    ['QU=D', false],
    ['ab-_', false],
    ['not base64!!', false],
    ['QUJD\n', false],
    [SENTINEL, false],
    [undefined, false],
    [{}, false],
    [1234, false],
  ])('H97: %j: %s', (value, expected) => {
    expect(isSignature(value)).toBe(expected);
  });

  test('everything that is base64 of something counts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => isSignature(Buffer.from(bytes).toString('base64'))),
    );
  });
});

describe('cache', () => {
  test('what was remembered is recalled for the same call from the same side', () => {
    const { cache } = createCache();
    cache.remember(call('call_1', '{"a":1}'), 'QUJD', from);
    expect(cache.recall(call('call_1', '{"a":1}'), from)).toBe('QUJD');
    expect(cache.recall(call('call_2', '{"a":1}'), from)).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":2}'), from)).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":1}', 'g'), from)).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":1}'), { ...from, family: '2.5' })).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":1}'), { ...from, account: 'other' })).toBeUndefined();
    expect(cache.size).toBe(1);
  });

  test.each([
    ['order of names', '{"a":1,"b":[{"c":2,"d":3}]}', '{"b":[{"d":3,"c":2}],"a":1}'],
    ['white space', '{"a":[1,2]}', '{ "a": [1,\n2] }'],
    ['spelling of numbers', '{"a":1.0,"b":1e2}', '{"a":1,"b":100}'],
    ['spelling of texts', '{"a":"\\u00e9\\/"}', '{"a":"é/"}'],
    ['no arguments', '', '{}'],
  ])('%s does not matter', (_what, one, other) => {
    const { cache } = createCache();
    cache.remember(call('call_1', one), 'QUJD', from);
    expect(cache.recall(call('call_1', other), from)).toBe('QUJD');
  });

  test.each([
    ['{"a":9007199254740993}', '{"a":9007199254740992}'],
    ['{"a":"1"}', '{"a":1}'],
    ['{"a":[1,2]}', '{"a":[2,1]}'],
    ['{"a":null}', '{}'],
    ['{"a":1} trailing', '{"a":1}'],
  ])('%s is not %s', (one, other) => {
    const { cache } = createCache();
    cache.remember(call('call_1', one), 'QUJD', from);
    expect(cache.recall(call('call_1', other), from)).toBeUndefined();
    expect(cache.recall(call('call_1', one), from)).toBe('QUJD');
  });

  test('id and name cannot run into each other', () => {
    const { cache } = createCache();
    cache.remember({ id: 'a', name: 'b","c', args: '' }, 'QUJD', from);
    expect(cache.recall({ id: 'a","b', name: 'c', args: '' }, from)).toBeUndefined();
  });

  test('what was not used for longest goes first', () => {
    const { cache } = createCache({ entries: 2 });
    cache.remember(call('1'), 'QUJD', from);
    cache.remember(call('2'), 'QUJD', from);
    cache.recall(call('1'), from);
    cache.remember(call('3'), 'QUJD', from);
    expect(cache.size).toBe(2);
    expect(cache.recall(call('1'), from)).toBe('QUJD');
    expect(cache.recall(call('2'), from)).toBeUndefined();
  });

  test('bytes are bounded, also by one entry that is too large alone', () => {
    const { cache } = createCache({ bytes: 10_000 });
    for (let index = 0; index < 100; index += 1) cache.remember(call(String(index)), 'A'.repeat(1000), from);
    expect(cache.size).toBeLessThan(10);
    expect(cache.size).toBeGreaterThan(5);
    cache.remember(call('large'), 'A'.repeat(20_000), from);
    expect(cache.size).toBe(0);
    cache.remember(call('after'), 'QUJD', from);
    expect(cache.recall(call('after'), from)).toBe('QUJD');
  });

  test('remembering again replaces, and counts once', () => {
    const { cache } = createCache({ bytes: 2_000 });
    for (let index = 0; index < 100; index += 1) cache.remember(call('1'), 'A'.repeat(1000), from);
    cache.remember(call('1'), 'QUJD', from);
    expect(cache.size).toBe(1);
    expect(cache.recall(call('1'), from)).toBe('QUJD');
  });

  test('after its age an entry is gone, used or not', () => {
    const { cache, clock } = createCache({ ageMs: 1000 });
    cache.remember(call('1'), 'QUJD', from);
    clock.advance(1000);
    expect(cache.recall(call('1'), from)).toBe('QUJD');
    clock.advance(1);
    expect(cache.recall(call('1'), from)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('a refused signature is forgotten for every call', () => {
    const { cache } = createCache();
    cache.remember(call('1'), 'QUJD', from);
    cache.remember(call('2'), 'QUJD', from);
    cache.remember(call('3'), 'RUZH', from);
    cache.forget('QUJD');
    expect(cache.size).toBe(1);
    expect(cache.recall(call('3'), from)).toBe('RUZH');
  });

  test('what is no signature is not kept', () => {
    const { cache } = createCache();
    cache.remember(call('1'), SENTINEL, from);
    expect(cache.size).toBe(0);
  });
});

test.each([
  ['call_1', { id: 'call_1' }],
  ['call_1__thought__QUJD', { id: 'call_1', signature: 'QUJD' }],
  ['call_1__sig__QUJDRA==', { id: 'call_1', signature: 'QUJDRA==' }],
  ['call_1__thought__cut off', { id: 'call_1' }],
  ['call_1__sig__', { id: 'call_1' }],
  ['__sig__QUJD', { id: '__sig__QUJD' }],
  ['', { id: '' }],
])('ids of other relays: %j', (id, expected) => {
  expect(splitSignedId(id)).toEqual(expected);
});

describe('first calls', () => {
  const f = { functionCall: { name: 'f', args: {} } };
  const text = { text: 'x' };
  const user = { role: 'user', parts: [text] };
  const modelSays = (...parts: Content['parts'] & object): Content => ({ role: 'model', parts });

  test('H93: the sentinel stands on the first call of each model content that lacks a signature', () => {
    const contents = [user, modelSays(text, f, f), user, modelSays(f), user];
    expect(withFirstCallSignatures(contents, model('gemini-3-pro-preview'))).toEqual([
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
    const changed = withFirstCallSignatures(contents, model('gemini-4-flash'));
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
    expect(withFirstCallSignatures(contents, model('gemini-3-pro-preview'))).toBe(contents);
  });

  test.each(['gemini-2.5-pro', 'gemini-2.0-flash', 'gemma-4-31b-it'])('%s needs none', (id) => {
    const contents = [modelSays(f)];
    expect(withFirstCallSignatures(contents, model(id))).toBe(contents);
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
