import { expect, test } from 'vitest';
import { connectionLimit } from '../../src/program/open-files.ts';

const limits = (files: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96123                96123                processes \nMax open files            ${files.padEnd(20)} 524288               files     \n`;

test.each([
  ['1024', 512],
  ['1', 1],
  ['unlimited', undefined],
])('of %s open files half may be connections', (files, most) => {
  expect(connectionLimit(limits(files))).toBe(most);
});

test('where the system does not say, nothing is known', () => {
  expect(connectionLimit('')).toBeUndefined();
});

test.runIf(process.platform === 'linux')('Linux says', () => {
  expect(connectionLimit()).toBeGreaterThan(8);
});
