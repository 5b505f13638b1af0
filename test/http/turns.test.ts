import { describe, expect, test } from 'vitest';
import { createTurns } from '../../src/http/turns.ts';
import { createSystem } from '../../src/system.ts';

const MIB = 1024 * 1024;
const open = (waitMs = 5000) => createTurns(80 * MIB, () => waitMs, createSystem());
const never = new AbortController().signal;

describe('R24: the memory for what is made of bodies', () => {
  test('who finds room goes on at once, who does not waits for it, in order', async () => {
    const turns = open();
    const order: number[] = [];
    expect(turns.enter(40 * MIB, never)).toBeUndefined();
    const waiting = [60, 30, 30].map(async (size, index) => {
      await turns.enter(size * MIB, never);
      order.push(index);
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    turns.leave(40 * MIB);
    await waiting[0];
    expect(order).toEqual([0]);
    turns.leave(60 * MIB);
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2]);
    turns.leave(60 * MIB);
    expect(turns.used).toBe(0);
  });

  test('a modest body waits for no large one', () => {
    const turns = open();
    expect(turns.enter(70 * MIB, never)).toBeUndefined();
    void turns.enter(70 * MIB, never)?.catch(() => undefined);
    expect(turns.enter(8 * MIB, never)).toBeUndefined();
  });

  test('what would never fit is refused at once, with what to do', () => {
    expect(() => open().enter(71 * MIB, never)).toThrow(
      expect.objectContaining({ status: 413, reason: 'request_too_large' }),
    );
  });

  test('who waits for too long is refused, and who comes next goes on', async () => {
    const turns = open(50);
    expect(turns.enter(60 * MIB, never)).toBeUndefined();
    const late = turns.enter(60 * MIB, never);
    await expect(late).rejects.toMatchObject({ status: 503, reason: 'server_overloaded' });
    expect(turns.enter(10 * MIB, never)).toBeUndefined();
  });

  test('who leaves takes nothing, and makes room for the next', async () => {
    const turns = open();
    const client = new AbortController();
    expect(turns.enter(40 * MIB, never)).toBeUndefined();
    const gone = turns.enter(60 * MIB, client.signal);
    const next = turns.enter(20 * MIB, never);
    client.abort(new Error('the client left'));
    await expect(gone).rejects.toMatchObject({ code: 'INTERNAL' });
    await next;
    expect(turns.used).toBe(60 * MIB);
  });
});
