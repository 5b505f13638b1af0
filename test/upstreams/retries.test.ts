import { describe, expect, test } from 'vitest';
import { RelayError } from '../../src/errors.ts';
import type { Chunk, Upstream } from '../../src/gemini/call.ts';
import { createRetryBudget } from '../../src/upstreams/retry-budget.ts';
import { withRetries } from '../../src/upstreams/retries.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { createVirtualSystem } from '../support/virtual-system.ts';
import { callFor, collect, createHastySystem, live } from './rig.ts';

const failing = (tries: number, more: object = {}): RelayError =>
  new RelayError('UNAVAILABLE', 'No.', { reason: 'overloaded', tries, ...more });

const chunk = (text: string): Chunk => {
  const value = { candidates: [{ content: { parts: [{ text }] }, finishReason: 'STOP' }] };
  return { json: JSON.stringify(value), value };
};

/** Throws what is queued, one each call, and then answers. */
const scriptedUpstream = (...failures: readonly Error[]): Upstream & { calls: number } => {
  const queue = [...failures];
  const answer = <T>(value: T): Promise<T> => {
    upstream.calls += 1;
    const failure = queue.shift();
    return failure ? Promise.reject(failure) : Promise.resolve(value);
  };
  const upstream = {
    calls: 0,
    generate: () =>
      answer(
        (async function* () {
          await Promise.resolve();
          yield [chunk('Hi.')];
        })(),
      ),
    countTokens: () => answer({ totalTokens: 3 }),
    embed: () => answer({ embeddings: [] }),
    models: () => answer([]),
  };
  return upstream;
};

const layered = (inner: Upstream, maxRetries = 2, random = 0.5) => {
  const system = createHastySystem(random);
  const log = createMemoryLog();
  return { upstream: withRetries({ maxRetries, system, log })(inner), waits: system.waits, log };
};

describe('R15: tries and waits', () => {
  test.each([
    ['as often as the error allows', 3, 5, 3],
    ['MAX_RETRIES caps it', 3, 1, 2],
    ['not at all', 1, 5, 1],
  ])('%s', async (_name, tries, maxRetries, calls) => {
    const inner = scriptedUpstream(...Array.from({ length: 9 }, () => failing(tries)));
    await expect(layered(inner, maxRetries).upstream.generate(callFor(), live())).rejects.toThrow('No.');
    expect(inner.calls).toBe(calls);
  });

  test('full jitter: from nothing up to twice as long each time, eight seconds at most', async () => {
    for (const random of [0, 0.25, 0.999]) {
      const inner = scriptedUpstream(...Array.from({ length: 5 }, () => failing(9)));
      const { upstream, waits } = layered(inner, 9, random);
      await upstream.generate(callFor(), live()).catch(() => undefined);
      const limits = [500, 1000, 2000, 4000, 8000];
      expect(waits).toEqual(limits.slice(0, waits.length).map((limit) => limit * random));
    }
  });

  test("Google's own delay, and up to a tenth more", async () => {
    const { upstream, waits } = layered(scriptedUpstream(failing(3, { retryAfterMs: 2000 })), 2, 0.5);
    await upstream.generate(callFor(), live());
    expect(waits).toEqual([2100]);
  });

  test('a delay over ten seconds is not waited for', async () => {
    const { upstream, waits } = layered(scriptedUpstream(failing(3, { retryAfterMs: 10_001 })), 2, 0.5);
    await upstream.generate(callFor(), live());
    expect(waits).toEqual([250]);
  });

  test('all waits together are twenty seconds at most', async () => {
    const inner = scriptedUpstream(...Array.from({ length: 9 }, () => failing(9, { retryAfterMs: 9000 })));
    const { upstream, waits } = layered(inner, 9, 0);
    await expect(upstream.generate(callFor(), live())).rejects.toThrow('No.');
    expect(waits).toEqual([9000, 9000]);
  });

  test('at however many doors: what was waited at one counts at the next', async () => {
    const inner = scriptedUpstream(...Array.from({ length: 9 }, () => failing(9, { retryAfterMs: 9000 })));
    const { upstream, waits } = layered(inner, 9, 0);
    const door = { id: 'gemini-api', account: 'gemini-api' };
    const visit = { door, retries: 0, waitedMs: 0, isWorthAnotherTry: () => true, isStillOpen: () => true };
    for (let turn = 0; turn < 2; turn += 1)
      await expect(upstream.generate({ ...callFor(), visit }, live())).rejects.toThrow('No.');
    expect(waits).toEqual([9000, 9000]);
    expect(visit).toMatchObject({ retries: 2, waitedMs: 18_000 });
  });

  test('an abort ends the wait at once with its own reason', async () => {
    const system = createVirtualSystem();
    const controller = new AbortController();
    const inner = scriptedUpstream(failing(3));
    const upstream = withRetries({ maxRetries: 2, system, log: createMemoryLog() })(inner);
    const pending = upstream.generate(callFor(), controller.signal).catch((error: unknown) => error);
    await system.advance(0);
    expect(system.sleepers()).toBe(1);
    const reason = new RelayError('CANCELLED', 'left');
    controller.abort(reason);
    expect(await pending).toBe(reason);
    expect(inner.calls).toBe(1);
  });

  test('counting, embeddings and lists are tried again, too', async () => {
    const { upstream } = layered(scriptedUpstream(failing(3)));
    expect(await upstream.countTokens(callFor(), live())).toEqual({ totalTokens: 3 });
    const { upstream: other } = layered(scriptedUpstream(failing(3)));
    expect(
      await other.embed({ model: 'm', requests: [], origin: callFor().origin, record: { tokens: [] } }, live()),
    ).toEqual({
      embeddings: [],
    });
    expect(await layered(scriptedUpstream(failing(3))).upstream.models(live())).toEqual([]);
  });

  test('what is no RelayError is a fault of ours, and stays one', async () => {
    const inner = scriptedUpstream(new TypeError('bug'));
    await expect(layered(inner).upstream.generate(callFor(), live())).rejects.toThrow(TypeError);
    expect(inner.calls).toBe(1);
  });
});

describe('R15: the budget', () => {
  test('a dead Google sees at most ten retries and a tenth of the requests in a minute', async () => {
    const inner = scriptedUpstream(...Array.from({ length: 2000 }, () => failing(3)));
    const { upstream } = layered(inner);
    for (let count = 0; count < 300; count += 1) await upstream.generate(callFor(), live()).catch(() => undefined);
    expect(inner.calls).toBeLessThanOrEqual(300 + 10 + 30);
    expect(inner.calls).toBeGreaterThan(300 + 10);
  });

  test('the window moves on', async () => {
    const system = createVirtualSystem();
    const budget = createRetryBudget(system);
    for (let count = 0; count < 10; count += 1) expect(budget.retry()).toBe(true);
    expect(budget.retry()).toBe(false);
    await system.advance(59_000);
    expect(budget.retry()).toBe(false);
    await system.advance(2000);
    expect(budget.retry()).toBe(true);
  });

  test('requests earn retries, while they are in the window', async () => {
    const system = createVirtualSystem();
    const budget = createRetryBudget(system);
    for (let count = 0; count < 100; count += 1) budget.request();
    for (let count = 0; count < 20; count += 1) expect(budget.retry()).toBe(true);
    expect(budget.retry()).toBe(false);
    await system.advance(30_000);
    expect(budget.retry()).toBe(false);
  });
});

describe('R16: never after the first chunk', () => {
  test('an error after it passes through', async () => {
    let calls = 0;
    const inner: Upstream = {
      ...scriptedUpstream(),
      generate: () => {
        calls += 1;
        return Promise.resolve(
          (async function* () {
            await Promise.resolve();
            yield [chunk('a')];
            throw failing(3);
          })(),
        );
      },
    };
    const answer = await layered(inner).upstream.generate(callFor(), live());
    await expect(collect(Promise.resolve(answer))).rejects.toThrow('No.');
    expect(calls).toBe(1);
  });

  test('an error in its place is an ordinary error', async () => {
    let calls = 0;
    const inner: Upstream = {
      ...scriptedUpstream(),
      generate: () => {
        calls += 1;
        const fails = calls === 1;
        return Promise.resolve(
          (async function* () {
            await Promise.resolve();
            if (fails) throw failing(3);
            yield [chunk('a')];
          })(),
        );
      },
    };
    expect(await collect(layered(inner).upstream.generate(callFor(), live()))).toHaveLength(1);
    expect(calls).toBe(2);
  });
});
