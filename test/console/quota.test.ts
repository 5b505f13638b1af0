import { expect, test } from 'vitest';
import { createQuotaWatch } from '../../src/console/quota.ts';
import { readQuota } from '../../src/upstreams/code-assist/quota.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';

test('Google is asked once a minute at most, and only while somebody looks', async () => {
  const system = createVirtualSystem();
  let asked = 0;
  const quota = createQuotaWatch({
    read: () => {
      asked += 1;
      return Promise.resolve([{ door: 'code-assist', model: 'm', remaining_fraction: asked / 10, reset_at: null }]);
    },
    system,
  });
  expect(await quota.look()).toMatchObject([{ remaining_fraction: 0.1 }]);
  await system.advance(59_000);
  await Promise.all([quota.look(), quota.look()]);
  expect(asked).toBe(1);
  await system.advance(1000);
  // What is known comes at once, what is new the next time.
  expect(await quota.look()).toMatchObject([{ remaining_fraction: 0.1 }]);
  expect(await quota.look()).toMatchObject([{ remaining_fraction: 0.2 }]);
  await system.advance(600_000);
  expect(asked).toBe(2);
});

test('where Google does not say, nothing is shown, and nobody waits long', async () => {
  const system = createVirtualSystem();
  const silent = createQuotaWatch({ read: () => new Promise(() => undefined), system });
  const look = silent.look();
  await system.advance(1500);
  expect(await look).toEqual([]);
  const broken = createQuotaWatch({ read: () => Promise.reject(new Error('away')), system });
  expect(await broken.look()).toEqual([]);
});

test('buckets that say something else are left out', () => {
  const well = { modelId: 'gemini-2.5-pro', remainingFraction: 0.5, resetTime: '2026-11-29T08:00:00Z' };
  const buckets = [well, { ...well, remainingFraction: 7 }, { modelId: 4 }, null, { ...well, resetTime: 'soon' }];
  expect(readQuota({ buckets })).toEqual([
    { model: 'gemini-2.5-pro', remaining: 0.5, resetAt: '2026-11-29T08:00:00.000Z' },
    { model: 'gemini-2.5-pro', remaining: 0.5, resetAt: null },
  ]);
  for (const other of [{}, null, { buckets: 'x' }]) expect(readQuota(other)).toEqual([]);
});
