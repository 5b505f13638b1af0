import { expect, test } from 'vitest';
import { Shelf } from '../../src/engine/shelf.ts';

test('a text on a shelf reads as it was put there, whatever its letters', () => {
  const shelf = new Shelf(1024);
  const texts = Array.from({ length: 100 }, (_none, at) => `${at}: “text” 文${'a'.repeat(at)}`);
  const shelved = texts.map((text) => shelf.put(text));
  expect(shelved.map(String)).toEqual(texts);
  expect(shelf.put('')?.toString()).toBe('');
});

test('what would leave much of a board empty is put on none', () => {
  const shelf = new Shelf(1024);
  expect(shelf.put('a'.repeat(128))?.toString()).toHaveLength(128);
  expect(shelf.put('a'.repeat(129))).toBeUndefined();
  expect(shelf.put('文'.repeat(43))).toBeUndefined();
});

test('boards count from the first that is held on them until the last is released', () => {
  const shelf = new Shelf(1024);
  const shelved = Array.from({ length: 16 }, () => shelf.put('a'.repeat(100)));
  expect(shelf.bytes).toBe(0);
  for (const text of shelved) text?.hold();
  expect(shelf.bytes).toBe(2048);
  for (const text of shelved.slice(1)) text?.release();
  expect(shelf.bytes).toBe(1024);
  shelved[0]?.release();
  expect(shelf.bytes).toBe(0);
  shelved[0]?.hold();
  expect(shelf.bytes).toBe(1024);
});

test('a text that moves out counts by its size alone, and lets go of its board', () => {
  const shelf = new Shelf(1024);
  const [one, other] = [shelf.put('“one”'), shelf.put('other')];
  one?.hold();
  one?.hold();
  other?.hold();
  one?.moveOut();
  expect(shelf.bytes).toBe(1024 + 9);
  other?.release();
  expect(shelf.bytes).toBe(9);
  one?.release();
  one?.moveOut();
  expect([shelf.bytes, String(one)]).toEqual([9, '“one”']);
  one?.release();
  expect(shelf.bytes).toBe(0);
});
