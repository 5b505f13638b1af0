import { expect, test } from 'vitest';
import { withCount } from '../src/count-words.ts';

test.each([
  [0, '0 doors'],
  [1, '1 door'],
  [2, '2 doors'],
  [1.5, '1.5 doors'],
])('%s', (count, said) => {
  expect(withCount(count, 'door')).toBe(said);
});
