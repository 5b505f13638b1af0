import { expect, test } from 'vitest';
import { createPlaces } from '../../src/callers/places.ts';

const fill = (places: ReturnType<typeof createPlaces>, caller: string): (() => void)[] => {
  const taken: (() => void)[] = [];
  for (let leave = places.take(caller); leave; leave = places.take(caller)) taken.push(leave);
  return taken;
};

test('one caller gets half, and whoever comes then half of the rest', () => {
  const places = createPlaces(512);
  expect(fill(places, 'ann')).toHaveLength(256);
  expect(fill(places, 'bob')).toHaveLength(128);
  expect(fill(places, 'cy')).toHaveLength(64);
  expect(places.free).toBe(64);
  expect(places.take('dee')).toBeDefined();
});

test('what is left is there for those who had least of it', () => {
  const places = createPlaces(8);
  const ofAnn = fill(places, 'ann');
  expect(ofAnn).toHaveLength(4);
  for (const leave of ofAnn) leave();
  expect([places.free, places.of('ann')]).toEqual([8, 0]);
  expect(fill(places, 'bob')).toHaveLength(4);
  expect(fill(places, 'ann')).toHaveLength(2);
  expect(places.of('bob')).toBe(4);
});

test('none is given where none is free', () => {
  const places = createPlaces(2);
  places.take('ann');
  places.take('bob');
  expect(places.take('cy')).toBeUndefined();
});
