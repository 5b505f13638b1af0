import { describe, expect, test } from 'vitest';
import { Pieces } from '../src/pieces.ts';
import { SseReader } from '../src/sse.ts';
import { collectGarbage } from './support/garbage.ts';

describe('pieces', () => {
  test.each([
    [[]],
    [[5]],
    [[1, 2, 3]],
    [Array<number>(100).fill(3)],
    [[...Array<number>(40).fill(1), 70_000, 1, 5000, 2]],
    [Array<number>(200).fill(4096)],
  ])('joined, they are what was added (%#)', (sizes) => {
    const pieces = new Pieces();
    const buffers = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    for (let round = 0; round < 2; round += 1) {
      for (const buffer of buffers) pieces.add(buffer);
      expect(pieces.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0));
      expect(pieces.take().equals(Buffer.concat(buffers))).toBe(true);
      expect(pieces.bytes).toBe(0);
    }
  });

  const MILLION = 1_000_000;

  /** What a million pieces of one byte take while they are kept. */
  const bytesKept = async (add: (piece: Buffer) => void): Promise<number> => {
    await collectGarbage();
    const before = process.memoryUsage();
    for (let count = 0; count < MILLION; count += 1) add(Buffer.from([97]));
    await collectGarbage();
    const after = process.memoryUsage();
    return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  };

  test('R25: a million pieces of one byte take little more than a million bytes', async () => {
    const pieces = new Pieces();
    expect(
      await bytesKept((piece) => {
        pieces.add(piece);
      }),
    ).toBeLessThan(4 * MILLION);
    expect(pieces.take()).toHaveLength(MILLION);
  });

  test('R25: so does a line of an event stream that comes byte by byte', async () => {
    const told: string[] = [];
    const reader = new SseReader({ eventBytes: 2 * MILLION }, { event: (payload) => told.push(payload) });
    reader.push(Buffer.from('data: '));
    expect(
      await bytesKept((piece) => {
        reader.push(piece);
      }),
    ).toBeLessThan(4 * MILLION);
    reader.push(Buffer.from('\n\n'));
    expect(told).toEqual(['a'.repeat(MILLION)]);
  });
});
