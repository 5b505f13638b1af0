import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFunctionNames } from '../../src/gemini/function-names.ts';

/** First a letter or `_`, then letters, digits and `_ . : -`, at most 64. */
const ACCEPTED = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

describe('names that Gemini accepts stay', () => {
  test.each([['get_weather'], ['_x'], ['a.b:c-d'], ['A1'], ['a'.repeat(64)]])('%s', (name) => {
    const names = createFunctionNames([name]);
    expect(names.toGemini(name)).toBe(name);
    expect(names.toClient(name)).toBe(name);
  });
});

describe('others are spelled another way, and come back', () => {
  test.each([
    ['H71', 'my/tool', 'my_tool'],
    ['H73', '2fa', '_2fa'],
    ['blank', 'get weather', 'get_weather'],
    ['dash first', '-x', '_-x'],
    ['slash first', '/x', '_x'],
    ['one sign for one character', 'a😀b', 'a_b'],
    ['no letter', '日本', '__'],
    ['empty', '', '_'],
  ])('%s: %j is %s', (_case, name, expected) => {
    const names = createFunctionNames([name]);
    expect(names.toGemini(name)).toBe(expected);
    expect(names.toClient(expected)).toBe(name);
  });

  test('a long name keeps its beginning and gets a hash, always the same', () => {
    const long = `mcp__server__${'x'.repeat(80)}`;
    const gemini = createFunctionNames([long]).toGemini(long);
    expect(gemini).toMatch(/^mcp__server__x{42}_[0-9a-f]{8}$/);
    expect(createFunctionNames(['other', long]).toGemini(long)).toBe(gemini);
    expect(createFunctionNames([`${long}y`]).toGemini(`${long}y`)).not.toBe(gemini);
  });

  test('names that fall together get a hash each, whatever their order', () => {
    const one = createFunctionNames(['a/b', 'a b']);
    const other = createFunctionNames(['a b', 'a/b']);
    expect(one.toGemini('a/b')).toMatch(/^a_b_[0-9a-f]{8}$/);
    expect(one.toGemini('a/b')).not.toBe(one.toGemini('a b'));
    expect(other.toGemini('a/b')).toBe(one.toGemini('a/b'));
    expect(one.toClient(one.toGemini('a b'))).toBe('a b');
  });

  test('a name that is right as it is has the first claim', () => {
    const names = createFunctionNames(['a/b', 'a_b']);
    expect(names.toGemini('a_b')).toBe('a_b');
    expect(names.toGemini('a/b')).toMatch(/^a_b_[0-9a-f]{8}$/);
  });
});

test('a name that was not announced works too', () => {
  const names = createFunctionNames(['a/b']);
  expect(names.toGemini('a b')).toMatch(/^a_b_/);
  expect(names.toClient(names.toGemini('a b'))).toBe('a b');
  expect(names.toClient('never_seen')).toBe('never_seen');
});

test('R29: constructor and __proto__ are names', () => {
  const names = createFunctionNames(['constructor', '__proto__', 'toString']);
  for (const name of ['constructor', '__proto__', 'toString', 'valueOf']) {
    expect(names.toGemini(name)).toBe(name);
    expect(names.toClient(name)).toBe(name);
  }
});

test('any set of names is accepted, distinct and reversible', () => {
  const name = fc.oneof(fc.string(), fc.stringMatching(/^[ab_/ .]{0,4}$/), fc.stringMatching(/^[a/]{60,70}$/));
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 30 }), (all) => {
      const names = createFunctionNames(all);
      const gemini = all.map((each) => names.toGemini(each));
      for (const each of gemini) expect(each).toMatch(ACCEPTED);
      expect(new Set(gemini).size).toBe(all.length);
      expect(gemini.map((each) => names.toClient(each))).toEqual(all);
    }),
  );
});
