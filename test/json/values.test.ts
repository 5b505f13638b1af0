import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countValues, guessValues } from '../../src/json/values.ts';

/** Each object and each array is one more than the commas that stand behind values. */
const valuesOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return members.reduce((sum: number, member) => sum + valuesOf(member), 1 + Math.max(0, members.length - 1));
};

describe('countValues', () => {
  test('counts what begins a value, and nothing in strings', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(countValues(JSON.stringify(value), 1e9)).toBe(1 + valuesOf(value));
      }),
    );
  });

  test.each([1, 511, 512, 513, 2560, 2561, 10_000])('finds the end of a string of %d letters', (length) => {
    for (const end of ['', '\\"', '\\\\', '\\\\\\"', '"'.repeat(3)]) {
      const text = JSON.stringify([`${'a'.repeat(length)}${end}`, `,[{${end}${','.repeat(length)}`, 1]);
      expect(countValues(text, 1e9)).toBe(4);
    }
  });

  test('a quick look finds every body of too many, and no more in prose than there are commas', () => {
    for (const chance of [0, 0.3, 0.999]) {
      for (const item of ['1', '{}', '[]', '""', '1e1', '{"a":1}']) {
        const text = `[${`${item},`.repeat(250_001)}0]`;
        expect(2 * guessValues(text, chance)).toBeGreaterThan(250_000);
        expect(guessValues(Buffer.from(text), chance)).toBe(guessValues(text, chance));
      }
      const prose = JSON.stringify([{ content: 'One, two, "three".\n'.repeat(50_000) }]);
      expect(2 * guessValues(prose, chance)).toBeLessThan(250_000);
    }
  });

  test('stops where there are too many', () => {
    expect(countValues('[1,1,1,1,1,1]', 3)).toBe(4);
  });

  test.each(['arguments', 'messages', 'tools', 'argu\\u006dents'])(
    'a string that is read as JSON counts: %s',
    (name) => {
      const list = `[${'{},'.repeat(100)}{}]`;
      expect(countValues(`{"${name}" : ${JSON.stringify(list)}}`, 1e9)).toBeGreaterThan(200);
      expect(countValues(`{"content":${JSON.stringify(list)}}`, 1e9)).toBe(2);
    },
  );

  test('a string that never ends is no trouble', () => {
    expect(countValues(`["${'a'.repeat(5000)}`, 1e9)).toBe(2);
  });
});
