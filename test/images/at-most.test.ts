import { describe, expect, it } from 'vitest';
import { atMost } from '../../src/images/at-most.ts';

describe('atMost', () => {
  it('lets the next in when one leaves, and forgets who gave up', async () => {
    const places = atMost(1);
    const never = new AbortController();
    const impatient = new AbortController();
    const inside: string[] = [];
    const leave = await places.enter(never.signal, 'one');
    const second = places.enter(impatient.signal, 'one');
    const third = places.enter(never.signal, 'one').then((leaveThird) => {
      inside.push('third');
      return leaveThird;
    });
    impatient.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    expect(inside).toEqual([]);
    leave();
    (await third)();
    (await places.enter(never.signal, 'one'))();
  });

  it('lets callers in by turns, however many of one wait', async () => {
    const places = atMost(1);
    const { signal } = new AbortController();
    const inside: string[] = [];
    const visit = async (caller: string): Promise<void> => {
      const leave = await places.enter(signal, caller);
      inside.push(caller);
      leave();
    };
    const leave = await places.enter(signal, 'crowd');
    const all = ['crowd', 'crowd', 'crowd', 'other', 'crowd', 'third', 'other'].map(visit);
    leave();
    await Promise.all(all);
    expect(inside).toEqual(['crowd', 'other', 'third', 'crowd', 'other', 'crowd', 'crowd']);
  });
});
