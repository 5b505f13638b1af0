import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createCallers, digestOf } from '../../src/callers/caller.ts';

const KEYS = [
  { name: 'GEMINI_AUTH_PASSWORD', value: 'the first key of the owner' },
  { name: 'API_KEY', value: 'ключ второй' },
  { name: 'TWIN', value: 'the first key of the owner' },
  { name: 'EMPTY', value: '' },
  { name: 'BLANK', value: ' \t' },
];

describe('callers', () => {
  const callers = createCallers(KEYS);

  test.each([
    ['the first key of the owner', 'GEMINI_AUTH_PASSWORD'],
    ['ключ второй', 'API_KEY'],
  ])('S4: %s is %s, and stands for the owner', (key, name) => {
    expect(callers.find(digestOf(key))).toEqual({ id: 'owner', name });
  });

  test.each(['', ' \t', 'the first key of the owner ', 'The first key of the owner', 'x'.repeat(10_000)])(
    'S4: "%s" is nobody',
    (key) => {
      expect(callers.find(digestOf(key))).toBeUndefined();
    },
  );

  test('a digest is SHA-256, and none that was asked for before stays behind', () => {
    expect(digestOf('ключ')).toBe(createHash('sha256').update('ключ').digest('hex'));
    expect(callers.find(digestOf('ключ второй'))?.name).toBe('API_KEY');
    expect(callers.find('')).toBeUndefined();
    expect(callers.find('ab')).toBeUndefined();
  });
});
