import { expect, test } from 'vitest';
import { Lines } from '../../src/engine/lines.ts';

interface Line {
  readonly number: number;
  readonly place: number;
  readonly time: number;
}

test('lines that come, and leave from the front and the middle, are as a list would have them', () => {
  const lines = new Lines();
  let expected: Line[] = [];
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;

  for (let step = 0; step < 20_000; step += 1) {
    // Now more of them come, now more leave.
    const isGrowing = Math.floor(step / 2000) % 2 === 0;
    if (random(10) < (isGrowing ? 7 : 3)) {
      const line = { number: random(500), place: step, time: step / 2 };
      lines.add(line.number, line.place, line.time);
      expected.push(line);
    } else if (random(3) === 0) {
      const number = random(500);
      const found = lines.find(number);
      const at = expected.findIndex((line) => line.number === number);
      expect(found === undefined ? undefined : lines.placeOf(found)).toBe(expected[at]?.place);
      if (found !== undefined) {
        lines.remove(found);
        expected = expected.toSpliced(at, 1);
      }
    } else if (lines.size > 0) {
      lines.remove(lines.first);
      expected.shift();
    }
    expect(lines.size).toBe(expected.length);
    if (expected.length > 0) expect(lines.timeOf(lines.first)).toBe(expected[0]?.time);
  }
  const there = [...lines].map((line) => [lines.placeOf(line), lines.timeOf(line)]);
  expect(there).toEqual(expected.map(({ place, time }) => [place, time]));
});

test('the next with the same number is found from behind the last', () => {
  const lines = new Lines();
  for (const number of [1, 2, 1, 3, 1]) lines.add(number, number, 0);
  const found: number[] = [];
  for (let line = lines.find(1); line !== undefined; line = lines.find(1, line + 1)) found.push(line);
  expect(found).toEqual([0, 2, 4]);
  expect(lines.find(4)).toBeUndefined();
});

test('one that stays does not make room for all that came and left after it', () => {
  const lines = new Lines();
  lines.add(0, 0, 0);
  for (let number = 1; number < 100_000; number += 1) {
    lines.add(number, number, number);
    const line = lines.find(number);
    if (line !== undefined) lines.remove(line);
  }
  expect([lines.size, lines.room]).toEqual([1, 256]);
});
