import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createUnread } from '../../src/http/slow-readers.ts';
import type { Reader } from '../../src/http/slow-readers.ts';

/** As much of an answer as is asked of it, and how often that was. */
const crowd = (count: number, takenAt: (index: number) => number = () => 0) => {
  const asked = { times: 0 };
  const cut: number[] = [];
  const waiting = new Map<number, number>();
  const readers = Array.from({ length: count }, (_, index): Reader => {
    const res = {
      get writableLength() {
        asked.times += 1;
        return waiting.get(index) ?? 0;
      },
      destroy: () => {
        cut.push(index);
        waiting.set(index, 0);
      },
    } as unknown as ServerResponse;
    return { res, controller: new AbortController(), takenBytes: 0, takenAt: takenAt(index) };
  });
  return { readers, asked, cut, waiting };
};

const of = (readers: readonly Reader[], index: number): ServerResponse => {
  const reader = readers[index];
  if (!reader) throw new Error(`no reader ${index}`);
  return reader.res;
};

test('R23: that much waits of one costs no look at all others', () => {
  const { readers, asked, waiting, cut } = crowd(1000);
  const unread = createUnread(readers, 1e9);
  for (let round = 1; round <= 10; round += 1) {
    for (let index = 0; index < readers.length; index += 1) {
      waiting.set(index, round * 1000);
      unread.waits(of(readers, index));
    }
  }
  expect(cut).toEqual([]);
  expect(asked.times).toBeLessThanOrEqual(3 * 10 * readers.length);
});

test('R23: beyond the limit who has taken nothing for the longest goes, never the newest', () => {
  const { readers, waiting, cut } = crowd(4, (index) => [3, 1, 2, 0][index] ?? 0);
  const unread = createUnread(readers, 100);
  for (const index of [0, 1, 2]) {
    waiting.set(index, 33);
    unread.waits(of(readers, index));
  }
  expect(cut).toEqual([]);
  waiting.set(3, 60);
  unread.waits(of(readers, 3));
  expect(cut).toEqual([1, 2]);
});

test('R23: what was taken since, and who is gone, counts no more', () => {
  const { readers, waiting, cut } = crowd(3);
  const unread = createUnread(readers, 100);
  waiting.set(0, 90);
  unread.waits(of(readers, 0));
  waiting.set(0, 10);
  waiting.set(1, 90);
  unread.waits(of(readers, 1));
  expect(cut).toEqual([]);
  unread.forget(of(readers, 1));
  waiting.set(1, 0);
  waiting.set(2, 90);
  unread.waits(of(readers, 2));
  expect(cut).toEqual([]);
});

test('R23: what little waits of many counts where much waits of one', () => {
  const { readers, waiting, cut } = crowd(11, (index) => index);
  const unread = createUnread(readers, 100);
  for (let index = 0; index < 10; index += 1) waiting.set(index, 9);
  waiting.set(10, 101);
  unread.waits(of(readers, 10));
  expect(cut).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
