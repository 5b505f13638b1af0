import { describe, expect, it } from 'vitest';
import { atMost } from '../../src/images/at-most.ts';

describe('atMost', () => {
  it('lets the next in when one leaves, and forgets who gave up', async () => {
    const places = atMost(1);
    const never = new AbortController();
    const impatient = new AbortController();
    const inside: string[] = [];
    const leave = await places.enter(never.signal);
    const second = places.enter(impatient.signal);
    const third = places.enter(never.signal).then((leaveThird) => {
      inside.push('third');
      return leaveThird;
    });
    impatient.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    expect(inside).toEqual([]);
    leave();
    (await third)();
    (await places.enter(never.signal))();
  });
});
