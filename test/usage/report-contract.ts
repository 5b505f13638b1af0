/** What is told of what was used, the same from every engine; each runs through these tests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { cleanUpOnce } from '../../src/usage/clean-up.ts';
import { readUsageReport } from '../../src/usage/report.ts';
import type { UsageQuestion, UsageReport } from '../../src/usage/report.ts';
import { GROUPINGS } from '../../src/usage/select.ts';
import { household, keepHousehold } from './household.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 28, 18, 30);
const TODAY = Date.UTC(2026, 10, 28);

export const describeReport = (engine: string, openEmpty: () => Promise<Store>): void => {
  describe(`a month of a household in ${engine}`, () => {
    let store: Store;
    const requests = household(NOW);
    beforeAll(async () => {
      store = await openEmpty();
      await keepHousehold(store, NOW);
    });
    afterAll(() => store.close());

    const ask = (question: Partial<UsageQuestion>, keepDays = 30): Promise<UsageReport> =>
      readUsageReport(
        { group: 'day', from: TODAY - 30 * DAY_MS, to: TODAY + DAY_MS, ...question },
        { store, now: NOW, keepDays },
      );
    const tokens = (of: typeof requests): number =>
      of.reduce((sum, { used }) => sum + used.reduce((all, call) => all + (call?.input ?? 0), 0), 0);

    test.each(GROUPINGS)('by %s, all of it is there once', async (group) => {
      const { rows, totals } = await ask({ group });
      expect(totals).toMatchObject({
        requests: requests.length,
        errors: requests.filter(({ status }) => status !== 200).length,
        input_tokens: tokens(requests),
        unpriced: requests.filter(({ model }) => model === 'gemini-9-ultra').length,
      });
      expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(requests.length);
      expect(rows.reduce((sum, row) => sum + row.input_tokens, 0)).toBe(tokens(requests));
      expect(new Set(rows.map((row) => row.group)).size).toBe(rows.length);
    });

    test('days and hours stand in their order, all else by the number of requests', async () => {
      for (const group of ['day', 'hour'] as const) {
        const names = (await ask({ group })).rows.map((row) => row.group);
        expect(names).toEqual(names.toSorted());
      }
      const { rows } = await ask({ group: 'key' });
      expect(rows.map((row) => row.group)).toEqual(['agent', 'kitchen-radio', 'GEMINI_AUTH_PASSWORD', 'grandma']);
      expect((await ask({ group: 'hour' })).rows[0]?.group).toMatch(/^2026-10-29T\d{2}:00:00\.000Z$/);
    });

    test('of one key, and of models that a pattern names', async () => {
      const ofAgent = requests.filter(({ key }) => key === 'agent');
      expect((await ask({ key: 'agent' })).totals.requests).toBe(ofAgent.length);
      expect((await ask({ key: "x' OR 1=1 --" })).rows).toEqual([]);
      const flash = requests.filter(({ model }) => model?.includes('flash'));
      for (const group of ['model', 'hour'] as const) {
        expect((await ask({ group, model: '*FLASH*' })).totals.requests).toBe(flash.length);
        expect((await ask({ group, model: 'gemini-2.5-?ro' })).totals.requests).toBeGreaterThan(0);
        expect((await ask({ group, model: 'gemini_2.5_flash' })).totals.requests).toBe(0);
        expect((await ask({ group, model: '%' })).totals.requests).toBe(0);
      }
    });

    test('a day is all of it, and nothing of those beside it', async () => {
      const from = TODAY - 3 * DAY_MS;
      const ofDay = requests.filter(({ time }) => time >= from && time < from + DAY_MS);
      for (const group of ['day', 'hour', 'model'] as const) {
        const { totals } = await ask({ group, from, to: from + DAY_MS });
        expect(totals).toMatchObject({ requests: ofDay.length, input_tokens: tokens(ofDay) });
      }
    });

    test('what nobody knows the price of is null, and the sum says how much it does not hold', async () => {
      const { rows, totals } = await ask({ group: 'model' });
      const unknown = rows.find((row) => row.group === 'gemini-9-ultra');
      expect(unknown).toMatchObject({ cost_usd: null, unpriced: unknown?.requests });
      const known = rows.filter((row) => row !== unknown);
      expect(totals.cost_usd).toBeCloseTo(
        known.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0),
        8,
      );
      expect(totals.cost_usd).toBeGreaterThan(1);
    });

    test('times are those of the middle request and of the one that 95 of 100 do not exceed', async () => {
      const { rows, totals } = await ask({ group: 'door' });
      const rank = (values: readonly number[], part: number): number =>
        values.toSorted((one, other) => one - other)[Math.ceil(values.length * part) - 1] ?? NaN;
      expect(totals.p50_ms).toBe(
        rank(
          requests.map(({ ms }) => ms),
          0.5,
        ),
      );
      expect(totals.p50_first_ms).toBe(
        rank(
          requests.map(({ firstMs }) => firstMs ?? NaN),
          0.5,
        ),
      );
      for (const row of rows) {
        const times = requests.filter(({ door }) => door === row.group).map(({ ms }) => ms);
        expect([row.p50_ms, row.p95_ms]).toEqual([rank(times, 0.5), rank(times, 0.95)]);
      }
    });

    test('single requests older than their days are not listed, deleted or not', async () => {
      const recent = requests.filter(({ time }) => time >= NOW - 7 * DAY_MS);
      expect((await ask({ group: 'hour' }, 7)).totals.requests).toBe(recent.length);
      expect((await ask({ group: 'hour' }, 0)).rows).toEqual([]);
      // The days have their sums, and no times.
      const { totals } = await ask({ group: 'day' }, 0);
      expect(totals).toMatchObject({ requests: requests.length, p50_ms: null, p95_ms: null, p50_first_ms: null });
    });

    test('the clean-up takes the same requests away', async () => {
      const system = { ...createSystem(), now: () => NOW };
      await cleanUpOnce({ store, system, keepDays: () => 7, signal: new AbortController().signal });
      const recent = requests.filter(({ time }) => time >= NOW - 7 * DAY_MS);
      expect(await store.read('SELECT COUNT(*) AS count FROM requests')).toEqual([{ count: recent.length }]);
      expect((await ask({ group: 'day' })).totals.requests).toBe(requests.length);
    });
  });
};
