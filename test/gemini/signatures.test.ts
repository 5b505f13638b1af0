import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  SENTINEL,
  SIGNATURE_LIMITS,
  createSignatureCache,
  isSignature,
  splitSignedId,
} from '../../src/gemini/signatures.ts';

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
    ['QUJ', true],
    ['QUJDR', false],
    ['QUJDRA=', false],
    ['QU=D', false],
    ['ab-_', true],
    ['ab-_QQ==', true],
    ['ab-_QQ', true],
    ['ab-/', false],
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
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const standard = Buffer.from(bytes).toString('base64');
        return [standard, standard.replaceAll('=', ''), Buffer.from(bytes).toString('base64url')].every(isSignature);
      }),
    );
  });
});

describe('cache', () => {
  test('what was remembered is recalled for the same call from the same side', () => {
    const { cache } = createCache();
    cache.remember(call('call_1', '{"a":1}'), 'QUJD', from);
    expect(cache.recall(call('call_1', '{"a":1}'), '3')).toBe('QUJD');
    expect(cache.recall(call('call_2', '{"a":1}'), '3')).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":2}'), '3')).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":1}', 'g'), '3')).toBeUndefined();
    expect(cache.recall(call('call_1', '{"a":1}'), '2.5')).toBeUndefined();
    expect(cache.size()).toBe(1);
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
    expect(cache.recall(call('call_1', other), '3')).toBe('QUJD');
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
    expect(cache.recall(call('call_1', other), '3')).toBeUndefined();
    expect(cache.recall(call('call_1', one), '3')).toBe('QUJD');
  });

  test('id and name cannot run into each other', () => {
    const { cache } = createCache();
    cache.remember({ id: 'a', name: 'b","c', args: '' }, 'QUJD', from);
    expect(cache.recall({ id: 'a","b', name: 'c', args: '' }, '3')).toBeUndefined();
  });

  test('what was not used for longest goes first', () => {
    const { cache } = createCache({ entries: 2 });
    cache.remember(call('1'), 'QUJD', from);
    cache.remember(call('2'), 'QUJD', from);
    cache.recall(call('1'), '3');
    cache.remember(call('3'), 'QUJD', from);
    expect(cache.size()).toBe(2);
    expect(cache.recall(call('1'), '3')).toBe('QUJD');
    expect(cache.recall(call('2'), '3')).toBeUndefined();
  });

  test('bytes are bounded, also by one entry that is too large alone', () => {
    const { cache } = createCache({ bytes: 10_000 });
    for (let index = 0; index < 100; index += 1) cache.remember(call(String(index)), 'A'.repeat(1000), from);
    expect(cache.size()).toBeLessThan(10);
    expect(cache.size()).toBeGreaterThan(5);
    cache.remember(call('large'), 'A'.repeat(20_000), from);
    expect(cache.size()).toBe(0);
    cache.remember(call('after'), 'QUJD', from);
    expect(cache.recall(call('after'), '3')).toBe('QUJD');
  });

  test('remembering again replaces, and counts once', () => {
    const { cache } = createCache({ bytes: 2_000 });
    for (let index = 0; index < 100; index += 1) cache.remember(call('1'), 'A'.repeat(1000), from);
    cache.remember(call('1'), 'QUJD', from);
    expect(cache.size()).toBe(1);
    expect(cache.recall(call('1'), '3')).toBe('QUJD');
  });

  test('after its age an entry is gone, used or not', () => {
    const { cache, clock } = createCache({ ageMs: 1000 });
    cache.remember(call('1'), 'QUJD', from);
    clock.advance(1000);
    expect(cache.recall(call('1'), '3')).toBe('QUJD');
    clock.advance(1);
    expect(cache.recall(call('1'), '3')).toBeUndefined();
    expect(cache.size()).toBe(0);
  });

  test('a refused signature is forgotten for every call', () => {
    const { cache } = createCache();
    cache.remember(call('1'), 'QUJD', from);
    cache.remember(call('2'), 'QUJD', from);
    cache.remember(call('3'), 'RUZH', from);
    cache.forget(['QUJD', 'WFla']);
    expect(cache.size()).toBe(1);
    expect(cache.recall(call('3'), '3')).toBe('RUZH');
  });

  test('a refused signature is forgotten in whichever spelling it was sent', () => {
    const { cache } = createCache();
    cache.remember(call('1'), 'ab+/QQ==', from);
    cache.forget(['ab-_QQ']);
    expect(cache.size()).toBe(0);
  });

  test('what is no signature is not kept', () => {
    const { cache } = createCache();
    cache.remember(call('1'), SENTINEL, from);
    expect(cache.size()).toBe(0);
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

describe('who signed', () => {
  const other = { ...from, account: 'another' };

  test('is known of what was remembered or seen, in each spelling, and of nothing else', () => {
    const { cache } = createCache();
    expect(cache.knowsOthersThan(from)).toBe(false);
    cache.remember(call('1'), 'ab+/QQ==', from);
    expect(cache.knowsOthersThan(from)).toBe(false);
    expect(cache.knowsOthersThan(other)).toBe(true);
    cache.note('QUJD', other);
    expect(cache.knowsOthersThan(from)).toBe(true);
    for (const spelling of ['ab+/QQ==', 'ab-_QQ', 'ab+/QQ']) {
      expect([cache.isAnothers(spelling, from), cache.isAnothers(spelling, other)]).toEqual([false, true]);
    }
    expect(cache.isAnothers('QUJD', { ...other, family: '2.5' })).toBe(true);
    expect(cache.isAnothers('RUZH', from)).toBe(false);
  });

  test('is forgotten of the oldest', () => {
    const { cache } = createCache();
    for (let index = 0; index <= 50_000; index += 1) cache.note(`signature${index}`, index === 0 ? other : from);
    expect(cache.knowsOthersThan(from)).toBe(false);
    expect(cache.isAnothers('signature0', from)).toBe(false);
    expect(cache.isAnothers('signature1', other)).toBe(true);
  });
});
