/** What a request has used is priced once, as of its beginning: as in what is kept of it. */
import { expect, test } from 'vitest';
import { NOBODY } from '../../src/callers/caller.ts';
import { perLimit } from '../../src/callers/limits.ts';
import { failed } from '../../src/errors.ts';
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

const opened = () => {
  const system = { now: () => Date.parse('2026-11-28T12:00:00Z') };
  const counters = createMemoryCounters(system);
  const limits = { ...perLimit(() => null), requests_per_day: 2, tokens_per_day: 10_000 };
  const caller = { ...NOBODY, id: 'anna', name: 'anna', limits };
  const record: CallRecord = { tokens: [] };
  const origin = { requestId: 'req_1', caller, format: 'openai' };
  const call = { model: MODEL, request: { contents: [] }, stream: false, native: false, origin, record };
  const ask = (generate: Upstream['generate']): Promise<unknown> =>
    withCallerLimits({ counters, catalogue: createCatalogue([]), system, costOf: () => 0 })({
      ...google,
      generate,
    }).generate(call, new AbortController().signal);
  return { record, ask, used: () => counters.useOf('anna', 'requests_per_day').used };
};
const closed: Upstream['generate'] = () => Promise.reject(failed('doors_closed', 'No door is open.'));
const serving =
  (record: CallRecord): Upstream['generate'] =>
  () => {
    record.servedModel = MODEL;
    return Promise.resolve([]);
  };

test('a call that reached nobody has given its room back when its answer is made, not at the end of its request', async () => {
  const { record, ask, used } = opened();
  const answer = ask(closed);
  expect(used()).toBe(1);
  await expect(answer).rejects.toThrow('No door');
  expect(used()).toBe(0);
  record.bill?.settle([]);
  expect(used()).toBe(0);
});

test('of two calls of one request, one that reached nobody takes nothing from what the other has used', async () => {
  for (const order of ['before', 'after', 'meanwhile']) {
    const { record, ask, used } = opened();
    if (order === 'before') await ask(serving(record));
    const failing = expect(ask(closed)).rejects.toThrow('No door');
    if (order === 'meanwhile') await ask(serving(record));
    await failing;
    if (order === 'after') await ask(serving(record));
    record.bill?.settle([readUsage({ promptTokenCount: 1000, candidatesTokenCount: 200 }), undefined]);
    expect([order, used()]).toEqual([order, 1]);
  }
});
