import { describe, expect, test } from 'vitest';
import { countMarks, guessValues, holdsMoreInTurns, holdsMoreValues } from '../../src/json/values.ts';

const VALUES = 50_000;
const CHANCES = Array.from({ length: 40 }, (_, index) => index / 40);

describe('guessValues', () => {
  test.each(['1', '{}', '[]', '""', '1e1', '{"a":1}'])('finds most of many: %s', (item) => {
    const text = Buffer.from(`[${`${item},`.repeat(VALUES)}0]`);
    for (const chance of CHANCES) expect(2 * guessValues(text, chance)).toBeGreaterThan(VALUES);
  });

  test.each([60, 61, 62, 64, 122, 128])('nobody can write around it: half of every %d letters', (period) => {
    const values = Math.floor(period / 4);
    const item = `${'1,'.repeat(values)}"${'a'.repeat(period - 2 * values - 3)}",`;
    expect(item).toHaveLength(period);
    const text = Buffer.from(`[${item.repeat(Math.ceil(VALUES / values))}0]`);
    for (const chance of CHANCES) expect(2 * guessValues(text, chance)).toBeGreaterThan(VALUES);
  });

  test('finds no more in prose than there are commas', () => {
    const prose = Buffer.from(JSON.stringify([{ content: 'One, two, "three".\n'.repeat(VALUES) }]));
    for (const chance of CHANCES) expect(guessValues(prose, chance)).toBeLessThan(3 * VALUES);
  });
});

test('countMarks counts what may begin a value, between two places', () => {
  expect(countMarks(Buffer.from('{[,"a":1,[{'), 2, 9)).toBe(2);
});

test.each([
  ['{"a":[1,{},"b"]}', 6],
  [`["${',{['.repeat(100)}\\"",1]`, 3],
  ['["never ended,,,', 2],
])('holdsMoreValues counts what begins a value, and nothing in strings: %s', async (text, count) => {
  for (const holdsMore of [holdsMoreValues, holdsMoreInTurns]) {
    expect(await holdsMore(Buffer.from(text), count - 1)).toBe(true);
    expect(await holdsMore(Buffer.from(text), count)).toBe(false);
  }
});

test('holdsMoreValues counts the same wherever a long text is cut', async () => {
  const items = ['"a\\"b,[{"', '"\\u005b,"', '{"k":[1,2]}', '"中,中"', '[]'];
  const length = items.join(',').length + 1;
  for (let shift = 0; shift < length; shift += 1) {
    const head = `["${'x'.repeat(512 * 1024 - length + shift - 3)}"`;
    const text = Buffer.from(`${head},${items.join(',')},${items.join(',')}]`);
    // One, the outer list, a comma before each item, and in both fives: an object, a list with a comma, a list.
    const count = 2 + 2 * items.length + 2 * 4;
    expect(await holdsMoreInTurns(text, count - 1), `${shift}`).toBe(true);
    expect(await holdsMoreInTurns(text, count), `${shift}`).toBe(false);
  }
});
