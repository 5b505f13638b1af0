/** A month with very many requests: what is asked of it is answered in seconds, and holds up nobody who writes. */
import { expect } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import { createLedger } from '../../src/usage/ledger.ts';
import { readUsageReport } from '../../src/usage/report.ts';
import { COLUMNS } from '../../src/usage/request-row.ts';
import { silentLogger } from '../../src/log.ts';
import { ended } from './rows.ts';

const DAY_MS = 86_400_000;
const DAYS = 29;
const NOW = Date.UTC(2026, 10, 28, 18, 30);
/** Of one statement. */
const AT_ONCE = 100_000;
/** Milliseconds of the requests take all values below it, each as often. */
const TIMES = 10_007;
const LONGEST_MS = 10_000;

const fill = async (store: Store, count: number): Promise<void> => {
  const everyMs = Math.floor((DAYS * DAY_MS) / count);
  const columns = COLUMNS.filter((column) => column !== 'reason' && column !== 'client');
  for (let first = 0; first < count; first += AT_ONCE) {
    const sql = `WITH RECURSIVE numbers(n) AS (SELECT CAST(${first} AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < ${first + AT_ONCE - 1})
      INSERT INTO requests (${columns.join(', ')})
      SELECT CAST(${NOW} - (n + 1) * ${everyMs} AS TEXT) || '-relay-' || CAST(n AS TEXT), 'req_1',
        ${NOW} - (n + 1) * ${everyMs}, 'key ' || CAST(n % 20 AS TEXT), 'door ' || CAST(n % 3 AS TEXT), 'openai',
        '/v1/chat/completions', 'gemini-' || CAST(n % 7 AS TEXT), 'gemini-2.5-flash', 1, 200, (n * 389) % ${TIMES}, 100,
        1000, 0, 100, 0, 1, 0 FROM numbers`;
    await store.write([{ sql }]);
  }
};

export const answersSoon = async (store: Store, count: number): Promise<void> => {
  await fill(store, count);
  const ledger = createLedger({ store, system: createSystem(), log: silentLogger, keepDays: () => 30 });
  for (const group of ['hour', 'key'] as const) {
    const began = performance.now();
    const state = { isOver: false, written: 0 };
    const question = { group, from: NOW - 30 * DAY_MS, to: NOW + DAY_MS };
    const report = readUsageReport(question, { store, now: NOW, keepDays: 30 }).finally(() => {
      state.isOver = true;
    });
    while (!state.isOver) {
      ledger.add(ended({ time: NOW - 60 * DAY_MS }));
      await ledger.flush();
      state.written += 1;
    }
    const { totals, rows } = await report;
    expect(performance.now() - began).toBeLessThan(LONGEST_MS);
    expect(state.written).toBeGreaterThan(5);
    const [middle, high] = [Math.ceil(TIMES / 2), Math.ceil(TIMES * 0.95)];
    expect(Math.abs((totals.p50_ms ?? 0) - middle)).toBeLessThan(TIMES / 100);
    expect(Math.abs((totals.p95_ms ?? 0) - high)).toBeLessThan(TIMES / 100);
    expect(totals.p50_first_ms).toBe(100);
    if (group === 'hour') expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(count);
  }
  await ledger.close();
  expect(ledger.status()).toMatchObject({ ok: true, dropped: 0, waiting: 0 });
};
