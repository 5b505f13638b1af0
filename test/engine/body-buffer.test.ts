import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBodyBuffer } from '../../src/engine/body-buffer.ts';

/** As Node's parser hands them out: each in a buffer of its own. */
const own = (bytes: Uint8Array): Buffer => {
  const piece = Buffer.allocUnsafeSlow(bytes.length);
  piece.set(bytes);
  return piece;
};

const buffersHeld = (): number => process.memoryUsage().arrayBuffers;

describe('a large body', () => {
  it('is what came, however it was cut and whatever was declared', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.nat({ max: 2000 }), (pieces, missing) => {
        const all = Buffer.concat(pieces);
        const buffer = createBodyBuffer(all.length + missing);
        for (const piece of pieces) buffer.add(own(piece));
        expect(buffer.whole()).toEqual(all);
      }),
    );
  });

  it('takes no room for what is only claimed', () => {
    const before = buffersHeld();
    const buffer = createBodyBuffer(1e9);
    for (let index = 0; index < 10; index += 1) buffer.add(own(Buffer.alloc(1000)));
    expect(buffersHeld() - before).toBeLessThan(1e6);
    expect(buffer.whole()).toHaveLength(10_000);
  });

  it('gives the memory of its pieces back at once', () => {
    const buffer = createBodyBuffer(20);
    const piece = own(Buffer.from('ten bytes.'));
    buffer.add(piece);
    expect(piece).toHaveLength(0);
  });

  it('that comes whole is not copied', () => {
    const message = own(Buffer.from('all of it.'));
    const buffer = createBodyBuffer(10);
    buffer.add(message);
    expect(buffer.whole().buffer).toBe(message.buffer);
    expect(buffer.whole().toString()).toBe('all of it.');
  });

  it('leaves memory alone that a piece shares with others', () => {
    const shared = own(Buffer.from('first second'));
    const buffer = createBodyBuffer(5);
    buffer.add(shared.subarray(0, 5));
    expect(shared.toString()).toBe('first second');
    expect(buffer.whole().toString()).toBe('first');
  });
});
