import { expect, test } from 'vitest';
import { memoryLimits } from '../../src/program/memory-limits.ts';

const MIB = 1024 * 1024;
const mib = (heap: number, all: number, body = 64) => {
  const { maxBodiesBytes, maxWorkBytes } = memoryLimits(body * MIB, { heapBytes: heap * MIB, allBytes: all * MIB });
  return [maxBodiesBytes / MIB, maxWorkBytes / MIB];
};

test.each([
  ['a large machine', 4192, 24_000, [512, 4064]],
  ['the container of docker-compose.yml', 608, 1024, [208, 480]],
  ['a small heap on a large machine', 608, 24_000, [512, 480]],
  ['a very small container', 304, 512, [104, 228]],
  ['more heap than memory: one body at a time', 1024, 512, [64, 896]],
])('%s', (_name, heap, all, expected) => {
  expect(mib(heap, all)).toEqual(expected);
});

test('the largest body of the container of docker-compose.yml finds a turn there, whatever its letters', () => {
  const [, work = 0] = mib(608, 1024);
  // Three copies of two bytes a letter, and seven eighths of the memory for large ones.
  expect(64 * 2 * 3).toBeLessThanOrEqual((work * 7) / 8);
});

test.each([
  [608, 76],
  [304, 38],
  [4192, 256],
])('of a heap of %i MiB answers that nobody takes have %i at most', (heap, unread) => {
  const limits = memoryLimits(64 * MIB, { heapBytes: heap * MIB, allBytes: 24_000 * MIB });
  expect(limits.maxUnreadBytes / MIB).toBe(unread);
});

test('without being told, what this process has', () => {
  const { maxBodiesBytes, maxWorkBytes, maxUnreadBytes } = memoryLimits(64 * MIB);
  expect(maxBodiesBytes).toBeGreaterThanOrEqual(64 * MIB);
  expect(maxWorkBytes).toBeGreaterThan(64 * MIB);
  expect(maxUnreadBytes).toBeGreaterThan(16 * MIB);
});
