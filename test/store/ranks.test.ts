import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ranksOf } from '../../src/store/ranks.ts';

const nearest = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? NaN;

test('whatever the rows, ranks are the nearest of each name and of all', () => {
  // Nothing that is counted or timed is a minus zero, which has no order beside zero.
  const value = fc.double({ noNaN: true }).map((any) => any + 0);
  const row = fc.tuple(fc.constantFrom('a', 'b', 7), value, fc.option(fc.nat()));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 600 }), (rows) => {
      for (const { name, ofColumns } of ranksOf(rows)) {
        const of = name === null ? rows : rows.filter((one) => one[0] === name);
        const first = of.map((one) => one[1]);
        const second = of.map((one) => one[2]).filter((value) => value !== null);
        expect(ofColumns).toEqual([
          [nearest(first, 0.5), nearest(first, 0.95)],
          second.length === 0 ? null : [nearest(second, 0.5), nearest(second, 0.95)],
        ]);
      }
    }),
  );
});

test('of more than it keeps it takes an even part: as near as one value in a hundred, in no more memory', () => {
  const count = 100_000;
  const rows = Array.from({ length: count }, (_none, index) => ['a', (index * 48_271) % count] as const);
  const [ofName] = ranksOf(rows, 1024);
  const [middle, high] = ofName?.ofColumns[0] ?? [NaN, NaN];
  expect(Math.abs(middle / count - 0.5)).toBeLessThan(0.03);
  expect(Math.abs(high / count - 0.95)).toBeLessThan(0.03);
  // Few rows of one name are exact beside many of another.
  const few = ranksOf([...rows, ['b', 5], ['b', 6], ['b', 9]], 1024).find(({ name }) => name === 'b');
  expect(few?.ofColumns).toEqual([[6, 9]]);
});
