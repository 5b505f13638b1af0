import { expect, test } from 'vitest';
import { fromError, fromMessage, spell } from '../../src/diagnosis/check.ts';
import { RelayError } from '../../src/errors.ts';

test.each([
  ['The login has ended. Log in with `npm run login`.', 'The login has ended.', 'Log in with `npm run login`.'],
  ['The file (a.b) is gone. `npm run login` makes one.', 'The file (a.b) is gone.', '`npm run login` makes one.'],
  ['It is over', 'It is over', 'Do this.'],
  ['Version 2.5 is old.', 'Version 2.5 is old.', 'Do this.'],
])('what happened, and what to do: %s', (message, found, fix) => {
  expect(fromMessage(message, 'Do this.')).toEqual({ status: 'fail', found, fix });
  expect(fromError(new RelayError('UNAVAILABLE', message), 'Do this.')).toEqual({ status: 'fail', found, fix });
});

test('an error of another kind shows its code, never its message', () => {
  const error = Object.assign(new Error('secret'), { code: 'ECONNRESET' });
  expect(fromError(error, 'Do this.')).toEqual({ status: 'fail', found: 'it failed (ECONNRESET)', fix: 'Do this.' });
  expect(fromError(new Error('secret'), 'Do this.').found).not.toContain('secret');
});

test.each([
  [300, '300 ms'],
  [10_000, '10 s'],
  [3_600_000, '60 min'],
  [10_800_000, '3 h'],
  [259_200_000, '3 days'],
])('%i ms is %s', (ms, text) => {
  expect(spell(ms)).toBe(text);
});
