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

  test('who holds some and needs more comes before those who hold nothing', async () => {
    const memory = open();
    expect(memory.take(30 * MIB, never)).toBeUndefined();
    const newcomer = memory.take(60 * MIB, never);
    expect(memory.take(20 * MIB, never, 30 * MIB)).toBeUndefined();
    memory.give(50 * MIB);
    await newcomer;
    expect(memory.used).toBe(60 * MIB);
  });

  test('of those who hold all that there is and wait for more, the last is refused at once, and the others go on', async () => {
    const memory = open();
    expect(memory.take(30 * MIB, never)).toBeUndefined();
    expect(memory.take(30 * MIB, never)).toBeUndefined();
    const first = memory.take(20 * MIB, never, 30 * MIB);
    const last = memory.take(20 * MIB, never, 30 * MIB);
    await expect(last).rejects.toMatchObject({ status: 503, reason: 'server_overloaded' });
    memory.give(30 * MIB);
    await first;
    expect(memory.used).toBe(50 * MIB);
  });

  test('as long as somebody else has memory to give, nobody is refused', async () => {
    const memory = open();
    for (const size of [20, 20, 20]) expect(memory.take(size * MIB, never)).toBeUndefined();
    const waiting = [1, 2].map(() => memory.take(20 * MIB, never, 20 * MIB));
    memory.give(20 * MIB);
    await waiting[0];
    memory.give(40 * MIB);
    await waiting[1];
    expect(memory.used).toBe(40 * MIB);
  });

  test('what would never fit beside what this one holds is too large, whoever else is there', () => {
    const memory = open();
    expect(memory.take(40 * MIB, never)).toBeUndefined();
    expect(() => memory.take(40 * MIB, never, 40 * MIB)).toThrow(
      expect.objectContaining({ status: 413, reason: 'request_too_large' }),
    );
  });
});
