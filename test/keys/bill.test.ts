/** What a request has used is priced once, as of its beginning: as in what is kept of it. */
import { expect, test } from 'vitest';
import { NOBODY } from '../../src/callers/caller.ts';
import { perLimit } from '../../src/callers/limits.ts';
import type { CallRecord, Upstream } from '../../src/gemini/call.ts';
import { createCatalogue } from '../../src/gemini/catalogue.ts';
import { readUsage } from '../../src/gemini/usage.ts';
import { NANOS_OF_A_DOLLAR } from '../../src/keys/counters.ts';
import { withCallerLimits } from '../../src/keys/layer.ts';
import { createMemoryCounters } from '../../src/keys/memory-counters.ts';
import { costOf, pricesOf } from '../../src/usage/prices.ts';

const MODEL = 'gemini-3.6-flash';
const google: Upstream = {
  generate: () => Promise.resolve([]),
  countTokens: () => Promise.reject(new Error('not asked')),
  embed: () => Promise.reject(new Error('not asked')),
  models: () => Promise.resolve([]),
};

test('a request that is over when prices have changed counts at the price of its beginning', async () => {
  const began = Date.parse('2026-09-29T23:59:59Z');
  const clock = { now: began };
  const system = { now: () => clock.now };
  const counters = createMemoryCounters(system);
  const upstream = withCallerLimits({
    ...{ counters, catalogue: createCatalogue([]), system },
    costOf: (model, time, used) => costOf(pricesOf(model), time, used),
  })(google);
  const limits = { ...perLimit(() => null), cost_per_month: 5 };
  const record: CallRecord = { tokens: [], servedModel: MODEL };
  const origin = { requestId: 'req_1', caller: { ...NOBODY, id: 'anna', name: 'anna', limits }, format: 'openai' };
  const call = { model: MODEL, request: { contents: [] }, stream: false, native: false, origin, record };
  await upstream.generate(call, new AbortController().signal);

  clock.now += 2000;
  const used = readUsage({ promptTokenCount: 1000, candidatesTokenCount: 200 });
  record.bill?.settle([used]);

  const prices = pricesOf(MODEL);
  const [before, after] = [costOf(prices, began, used), costOf(prices, clock.now, used)];
  expect(before).not.toBe(after);
  expect(counters.useOf('anna', 'cost_per_month').used).toBe((before ?? NaN) / NANOS_OF_A_DOLLAR);
});
