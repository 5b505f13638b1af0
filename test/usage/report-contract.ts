/** What is told of what was used, the same from every engine; each runs through these tests. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { cleanUpOnce } from '../../src/usage/clean-up.ts';
import { readKeySums, readUsageReport } from '../../src/usage/report.ts';
import type { UsageQuestion, UsageReport } from '../../src/usage/report.ts';
import { readRequestPage } from '../../src/usage/request-list.ts';
import type { ListedRequest, RequestPage, RequestQuestion } from '../../src/usage/request-list.ts';
import { GROUPINGS } from '../../src/usage/select.ts';
import { silentLogger } from '../../src/log.ts';
import { createLedger } from '../../src/usage/ledger.ts';
import { household, keepHousehold } from './household.ts';
import { ended } from './rows.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
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

    test.each(['2287-01-01', '2299-12-31', '2499-12-31', '9999-12-31'])('up to a far day, %s', async (day) => {
      const { totals } = await ask({ group: 'hour', to: Date.parse(day) });
      expect(totals.requests).toBe(requests.length);
      expect(totals.p50_ms).not.toBeNull();
    });

    test('of a key since it was made: single requests of its first day, or all of that day where they are not kept', async () => {
      const [first, from, to] = [TODAY - 9 * DAY_MS, TODAY - 9 * DAY_MS + 12.5 * HOUR_MS, TODAY + DAY_MS];
      const sumOf = async (keepDays: number, span: { from: number; to: number }): Promise<readonly number[]> => {
        const sums = await readKeySums({ key: 'agent', ...span }, { store, now: NOW, keepDays });
        return [sums.requests, sums.input_tokens];
      };
      const expected = (since: number, until: number): readonly number[] => {
        const own = requests.filter(({ key, time }) => key === 'agent' && time >= since && time < until);
        return [own.length, tokens(own)];
      };
      expect(expected(from, to)).not.toEqual(expected(first, to));
      expect(await sumOf(30, { from, to })).toEqual(expected(from, to));
      expect(await sumOf(30, { from, to: first + DAY_MS })).toEqual(expected(from, first + DAY_MS));
      expect(await sumOf(30, { from: first, to })).toEqual(expected(first, to));
      for (const keepDays of [0, 5]) expect(await sumOf(keepDays, { from, to })).toEqual(expected(first, to));
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

    const list = (question: Partial<RequestQuestion>, keepDays = 31): Promise<RequestPage> =>
      readRequestPage({ limit: 500, ...question }, { store, now: NOW, keepDays });
    /** All pages, the newest request first. */
    const listAll = async (question: Partial<RequestQuestion>): Promise<readonly ListedRequest[]> => {
      const { rows, next } = await list(question);
      if (next === null) return rows;
      const before = { place: next, time: Number(next.split('-')[0]) };
      return [...rows, ...(await listAll({ ...question, before }))];
    };
    const newestFirst = requests.toSorted((one, other) => other.time - one.time).map(({ time }) => time);

    test('single requests are listed with all that is kept of them, the newest first', async () => {
      const [newest] = (await list({ limit: 1 })).rows;
      const kept = requests.findLast(({ time }) => time === newestFirst[0]);
      expect(newest).toEqual({
        ...{ id: kept?.id, time: new Date(kept?.time ?? 0).toISOString(), key: kept?.key, door: kept?.door },
        ...{ format: kept?.format, route: kept?.route, model: kept?.model, served_model: kept?.servedModel },
        ...{ stream: kept?.stream, status: kept?.status, reason: kept?.reason ?? null, ms: kept?.ms },
        ...{ first_ms: kept?.firstMs, input_tokens: kept?.used[0]?.input, cached_tokens: kept?.used[0]?.cached },
        ...{ output_tokens: kept?.used[0]?.output, thought_tokens: kept?.used[0]?.thoughts },
        ...{ cost_usd: expect.toBeOneOf([null, expect.any(Number)]) as unknown, retries: 0, client: kept?.client },
      });
    });

    test.each([1, 7, 200, 500])('pages of %d hold each request once', async (limit) => {
      const most = limit === 1 ? requests.slice(-20) : requests;
      const rows = (await listAll({ limit, ...(limit === 1 && { key: 'grandma' }) })).map(({ time }) =>
        Date.parse(time),
      );
      if (limit === 1) expect(rows.length).toBe(requests.filter(({ key }) => key === 'grandma').length);
      else expect(rows).toEqual(newestFirst);
      expect(rows.length).toBeGreaterThanOrEqual(most.length);
    });

    test('by key, model, door and status', async () => {
      const count = async (question: Partial<RequestQuestion>): Promise<number> => (await listAll(question)).length;
      const of = (is: (one: (typeof requests)[number]) => boolean): number => requests.filter(is).length;
      expect(await count({ key: 'agent' })).toBe(of(({ key }) => key === 'agent'));
      expect(await count({ model: 'gemini-3*' })).toBe(of(({ model }) => model?.startsWith('gemini-3') === true));
      expect(await count({ door: 'vertex' })).toBe(of(({ door }) => door === 'vertex'));
      expect(await count({ door: '%' })).toBe(0);
      const failed = of(({ status }) => status === 429);
      for (const status of [{ exactly: 429 }, { hundred: 4 }, 'error'] as const)
        expect(await count({ status })).toBe(failed);
      for (const status of [{ exactly: 200 }, { hundred: 2 }, 'ok'] as const) {
        expect(await count({ status })).toBe(requests.length - failed);
      }
      expect(await count({ key: 'agent', door: 'vertex', status: 'error' })).toBe(
        of(({ key, door, status }) => key === 'agent' && door === 'vertex' && status === 429),
      );
    });

    test('of all keys of the Gemini API by the kind of the door', async () => {
      const ledger = createLedger({ store, system: createSystem(), log: silentLogger, keepDays: () => 30 });
      for (const door of ['gemini-api:spare', 'gemini-api:default', 'gemini-apix', 'gemini-api']) {
        ledger.add(ended({ time: TODAY - 40 * DAY_MS, key: 'doors', door }));
      }
      await ledger.close();
      const doors = (await list({ key: 'doors', door: 'gemini-api' }, 60)).rows.map(({ door }) => door);
      expect(doors.toSorted()).toEqual(['gemini-api', 'gemini-api:default', 'gemini-api:spare']);
      await store.write([
        { sql: 'DELETE FROM requests WHERE key = ?', values: ['doors'] },
        { sql: 'DELETE FROM day_sums WHERE key = ?', values: ['doors'] },
      ]);
    });

    test('single requests older than their days are not listed, deleted or not', async () => {
      const recent = requests.filter(({ time }) => time >= NOW - 7 * DAY_MS);
      expect((await ask({ group: 'hour' }, 7)).totals.requests).toBe(recent.length);
      expect((await ask({ group: 'hour' }, 0)).rows).toEqual([]);
      expect((await list({ limit: 500 }, 7)).rows.length).toBe(recent.length);
      expect(await list({}, 0)).toEqual({ rows: [], next: null });
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
