import { expect, test } from 'vitest';
import { late } from '../src/late.ts';

test('the first who asks loads it, and all have the same', async () => {
  let loads = 0;
  const part = late(() => Promise.resolve((loads += 1)));
  expect(loads).toBe(0);
  expect(await Promise.all([part(), part(), part()])).toEqual([1, 1, 1]);
  expect(await part()).toBe(1);
});

test('what went wrong is tried again by the next, and told to those who waited for it', async () => {
  let loads = 0;
  const part = late(() => {
    loads += 1;
    return loads === 1 ? Promise.reject(new Error('no such file')) : Promise.resolve(loads);
  });
  expect(await Promise.allSettled([part(), part()])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(await Promise.all([part(), part()])).toEqual([2, 2]);
});
