import { describe, expect, it } from 'vitest';
import { createTurnstile } from '../../src/images/turnstile.ts';

describe('createTurnstile', () => {
  it('lets the next in when one leaves, and forgets who gave up', async () => {
    const turnstile = createTurnstile(1);
    const never = new AbortController();
    const impatient = new AbortController();
    const inside: string[] = [];
    const leave = await turnstile.enter(never.signal);
    const second = turnstile.enter(impatient.signal);
    const third = turnstile.enter(never.signal).then((leaveThird) => {
      inside.push('third');
      return leaveThird;
    });
    impatient.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    expect(inside).toEqual([]);
    leave();
    (await third)();
    (await turnstile.enter(never.signal))();
  });
});
