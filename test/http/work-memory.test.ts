import { describe, expect, test } from 'vitest';
import { createWorkMemory } from '../../src/http/work-memory.ts';
import { createSystem } from '../../src/system.ts';

const MIB = 1024 * 1024;
const open = (waitMs = 5000) => createWorkMemory(80 * MIB, () => waitMs, createSystem());
const never = new AbortController().signal;

describe('R24: the memory for what is made of bodies', () => {
  test('who finds room goes on at once, who does not waits for it, in order', async () => {
    const memory = open();
    const order: number[] = [];
    expect(memory.take(40 * MIB, never)).toBeUndefined();
    const waiting = [60, 30, 30].map(async (size, index) => {
      await memory.take(size * MIB, never);
      order.push(index);
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    memory.give(40 * MIB);
    await waiting[0];
    expect(order).toEqual([0]);
    memory.give(60 * MIB);
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2]);
    memory.give(60 * MIB);
    expect(memory.used).toBe(0);
  });

  test('a modest body waits for no large one', () => {
    const memory = open();
    expect(memory.take(70 * MIB, never)).toBeUndefined();
    void memory.take(70 * MIB, never)?.catch(() => undefined);
    expect(memory.take(8 * MIB, never)).toBeUndefined();
  });

  test('what would never fit is refused at once, with what to do', () => {
    expect(() => open().take(71 * MIB, never)).toThrow(
      expect.objectContaining({ status: 413, reason: 'request_too_large' }),
    );
  });

  test('who waits for too long is refused, and who comes next goes on', async () => {
    const memory = open(50);
    expect(memory.take(60 * MIB, never)).toBeUndefined();
    const late = memory.take(60 * MIB, never);
    await expect(late).rejects.toMatchObject({ status: 503, reason: 'server_overloaded' });
    expect(memory.take(10 * MIB, never)).toBeUndefined();
  });

  test('who leaves takes nothing, and makes room for the next', async () => {
    const memory = open();
    const client = new AbortController();
    expect(memory.take(40 * MIB, never)).toBeUndefined();
    const gone = memory.take(60 * MIB, client.signal);
    const next = memory.take(20 * MIB, never);
    client.abort(new Error('the client left'));
    await expect(gone).rejects.toMatchObject({ code: 'INTERNAL' });
    await next;
    expect(memory.used).toBe(60 * MIB);
  });
});
