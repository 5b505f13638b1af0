import { expect, test } from 'vitest';
import { closest } from '../../src/config/spelling.ts';

const KNOWN = ['GEMINI_AUTH_PASSWORD', 'API_KEY', 'PORT', 'HOST', 'MODELS'];

test.each([
  ['GEMINI_AUTH_PASWORD', 'GEMINI_AUTH_PASSWORD'],
  ['GEMINI_AUHT_PASSWORD', 'GEMINI_AUTH_PASSWORD'],
  ['API_KEYS', 'API_KEY'],
  ['PROT', 'PORT'],
  ['MODEL', 'MODELS'],
  ['PORT', undefined],
  ['PATH', undefined],
  ['SOMETHING_ELSE', undefined],
  ['', undefined],
])('%s is meant for %s', (word, meant) => {
  expect(closest(word, KNOWN)).toBe(meant);
});
