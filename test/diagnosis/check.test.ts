import { expect, test } from 'vitest';
import { fromError, spell } from '../../src/diagnosis/check.ts';
import { RelayError, withParam } from '../../src/errors.ts';

test.each([
  [{ fix: 'Log in.' }, { found: 'Version 2.5. It is over.', fix: 'Log in.' }],
  [{}, { found: 'Version 2.5. It is over.', fix: 'Do this.' }],
  [{ told: 'No. Never.' }, { found: 'Version 2.5. It is over. Google says: No. Never.', fix: 'Do this.' }],
  [
    { fix: 'Log in.', told: 'No.' },
    { found: 'Version 2.5. It is over. Google says: No.', fix: 'Log in.' },
  ],
])('what happened, and what to do, as the error has them apart: %j', (more, expected) => {
  const error = new RelayError('UNAVAILABLE', 'Version 2.5. It is over.', more);
  expect(fromError(error, 'Do this.')).toEqual({ status: 'fail', ...expected });
});

test('a client reads both, and then what Google says', () => {
  const error = new RelayError('UNAVAILABLE', 'It is over.', { fix: 'Log in.', told: 'No.' });
  expect(error.message).toBe('It is over. Log in. Google says: No.');
  const { message, problem, fix, told } = error;
  expect(withParam(error, 'model')).toMatchObject({ param: 'model', message, problem, fix, told });
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
