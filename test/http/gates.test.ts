import type { Context } from 'koa';
import { expect, test } from 'vitest';
import { gated } from '../../src/http/gates.ts';
import type { Gate } from '../../src/http/gates.ts';

/** What came of a request, in order: the gates it met, and who answered it. */
const walk = async (gates: readonly Gate[], signal = new AbortController().signal): Promise<readonly string[]> => {
  const met: string[] = [];
  const seen = gates.map((gate, index): Gate => (ctx) => {
    met.push(`gate ${index}`);
    return gate(ctx);
  });
  const step = gated(seen, (_ctx, next) => {
    met.push('step');
    return next();
  });
  const ctx = { state: { signal, met } } as unknown as Context;
  await step(ctx, () => {
    met.push('behind');
    return Promise.resolve();
  });
  return met;
};

const passes: Gate = () => undefined;
const waits: Gate = () => new Promise((resolve) => setImmediate(resolve));
const answers: Gate = () => (ctx: Context) => {
  (ctx.state as unknown as { met: string[] }).met.push('answered');
};

test('a request goes through all gates to the step behind them', async () => {
  expect(await walk([passes, passes])).toEqual(['gate 0', 'gate 1', 'step', 'behind']);
  expect(await walk([])).toEqual(['step', 'behind']);
});

test('one that has to wait meets the next gate when it has waited', async () => {
  expect(await walk([waits, passes, waits])).toEqual(['gate 0', 'gate 1', 'gate 2', 'step', 'behind']);
});

test('one that is answered goes no further, whether it has waited or not', async () => {
  expect(await walk([passes, answers, passes])).toEqual(['gate 0', 'gate 1', 'answered']);
  expect(await walk([waits, answers, passes])).toEqual(['gate 0', 'gate 1', 'answered']);
});

test('one that is over when it has waited goes no further', async () => {
  const leaving = new AbortController();
  const leaves: Gate = () => {
    leaving.abort(new Error('left'));
    return Promise.resolve();
  };
  const met: string[] = [];
  const after: Gate = () => {
    met.push('went on');
    return undefined;
  };
  await expect(walk([leaves, after], leaving.signal)).rejects.toThrow('left');
  expect(met).toEqual([]);
});

test('what a gate throws is thrown, at once or when it has been waited for', async () => {
  const refuses: Gate = () => {
    throw new Error('no');
  };
  await expect(walk([passes, refuses])).rejects.toThrow('no');
  await expect(walk([waits, refuses])).rejects.toThrow('no');
  await expect(walk([() => Promise.reject(new Error('too late'))])).rejects.toThrow('too late');
});
