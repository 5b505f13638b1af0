import { describe, expect, test } from 'vitest';
import { createCrashGuard } from '../../src/program/crash.ts';
import type { RelayError } from '../../src/errors.ts';
import { silentLogger } from '../../src/log.ts';
import { createSystem } from '../../src/system.ts';
import { openPorch } from '../support/porch.ts';

describe('R27: errors that nobody caught', () => {
  const guarded = () => {
    let now = 0;
    let gaveUp = 0;
    const logged: object[] = [];
    const failed: RelayError[] = [];
    const guard = createCrashGuard({
      log: { ...silentLogger, error: (_message, fields = {}) => logged.push(fields) },
      system: { ...createSystem(), monotonic: () => now },
      failCurrent: (error) => failed.push(error),
      giveUp: () => (gaveUp += 1),
    });
    return { guard, logged, failed, gaveUp: () => gaveUp, pass: (ms: number) => (now += ms) };
  };

  test('one line with an id, and the same id for the request', () => {
    const { guard, logged, failed } = guarded();
    guard(new TypeError('inner'));
    expect(logged).toHaveLength(1);
    const id = String((logged[0] as { errorId?: unknown } | undefined)?.errorId);
    expect(id).toMatch(/^err_/);
    expect(failed[0]).toMatchObject({ code: 'INTERNAL', status: 500 });
    expect(failed[0]?.message).toContain(id);
    expect(failed[0]?.message).not.toContain('inner');
  });

  test('more than ten in a minute are too many, ten are not, nor more over a longer time', () => {
    const few = guarded();
    for (let count = 0; count < 10; count += 1) few.guard(new Error('x'));
    expect(few.gaveUp()).toBe(0);
    few.guard(new Error('x'));
    expect(few.gaveUp()).toBe(1);
    const slow = guarded();
    for (let count = 0; count < 30; count += 1) {
      slow.guard('thrown');
      slow.pass(10_000);
    }
    expect(slow.gaveUp()).toBe(0);
  });

  test('the request in whose doing it happened gets its answer', async () => {
    const { guard, failed } = guarded();
    const porch = await openPorch({
      mount: (router) => {
        router.get('/v1/lost', () => {
          // The promise of the route never settles; the fault comes up somewhere else.
          setTimeout(() => {
            guard(new Error('lost'));
            porch.app.failCurrent(failed.at(-1) as RelayError);
          }, 5);
          return new Promise(() => undefined);
        });
      },
    });
    const answer = await porch.fetch('/v1/lost');
    expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([
      500,
      expect.stringMatching(/err_/),
    ]);
    expect(porch.app.failCurrent(failed[0] as RelayError)).toBe(false);
    await porch.close();
  });
});
