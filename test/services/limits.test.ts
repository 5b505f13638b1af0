/** Limits of client keys over several relays: three processes' worth of counters on one Redis. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LIMIT_NAMES, LIMITS, perLimit } from '../../src/callers/limits.ts';
import type { Limits } from '../../src/callers/limits.ts';
import { isExceeded, NANOS_OF_A_DOLLAR } from '../../src/keys/counters.ts';
import type { Amount, Counters, Exceeded, Reservation } from '../../src/keys/counters.ts';
import { LIMIT_SCRIPTS, RESERVE, SETTLE } from '../../src/keys/limit-scripts.ts';
import { createMemoryCounters } from '../../src/keys/memory-counters.ts';
import type { MemoryCounters } from '../../src/keys/memory-counters.ts';
import { createSharedCounters } from '../../src/keys/shared-counters.ts';
import { silentLogger } from '../../src/log.ts';
import type { Patience } from '../../src/state/link.ts';
import { openRedisState } from '../../src/state/redis.ts';
import type { RedisState } from '../../src/state/redis.ts';
import { StateAway } from '../../src/state/state.ts';
import { createSystem } from '../../src/system.ts';
import { quietNow } from '../support/machine.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { eventually } from '../support/eventually.ts';

interface OpenRelay {
  readonly state: RedisState;
  readonly memory: MemoryCounters;
  readonly counters: Counters;
}

const NONE: Limits = perLimit(() => null);
const NOTHING: Amount = { requests: 0, tokens: 0, costNanos: 0 };
const ROOM = { requests: 40, tokens: 400, cost: 0.4 };
/** A cent and ten tokens. */
const ONE: Amount = { requests: 1, tokens: 10, costNanos: NANOS_OF_A_DOLLAR / 100 };

const system = createSystem();
let redis: Redis;
let relays: OpenRelay[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  await Promise.all(relays.map(({ state }) => state.close()));
  relays = [];
  await redis.ask('FLUSHALL');
});

/** A busy machine takes its time, and this is about what is counted. */
const PATIENCE = { silenceMs: 2000, longestMs: 4000 };

const open = async (
  count: number,
  url = redis.url,
  patience: Patience | undefined = PATIENCE,
): Promise<readonly OpenRelay[]> => {
  const opened = Array.from({ length: count }, () => {
    const state = openRedisState({ url, prefix: 'gcr:', system, log: silentLogger, scripts: LIMIT_SCRIPTS, patience });
    const memory = createMemoryCounters(system);
    return { state, memory, counters: createSharedCounters({ memory, state, system }) };
  });
  relays.push(...opened);
  await eventually(() => {
    for (const { state } of opened) expect([state.health().ok, state.relays()]).toEqual([true, count]);
  });
  return opened;
};
const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('there is none');
  return item;
};
const ask = async (
  { counters }: OpenRelay,
  id: string,
  limits: Limits,
  amount = ONE,
): Promise<Reservation | Exceeded> => counters.reserve(id, limits, amount, true);
const passedOf = (outcomes: readonly (Reservation | Exceeded)[]): Reservation[] =>
  outcomes.flatMap((outcome) => (isExceeded(outcome) ? [] : [outcome]));
const atOnce = async (among: readonly OpenRelay[], count: number, id: string, limits: Limits): Promise<Reservation[]> =>
  passedOf(await Promise.all(Array.from({ length: count }, (_, index) => ask(at(among, index), id, limits))));

describe('limits over three relays', () => {
  it.each(LIMIT_NAMES)(
    '%s: of 150 at once exactly as many pass as there is room for, and room comes back',
    async (limit) => {
      const three = await open(3);
      const limits = { ...NONE, [limit]: ROOM[LIMITS[limit].counts] };
      const passed = await atOnce(three, 150, 'anna', limits);
      expect(passed).toHaveLength(40);
      for (const [index, reservation] of passed.entries()) if (index < 10) reservation.settle(NOTHING);
      await at(three, 0).state.get('behind');
      await at(three, 1).state.get('behind');
      await at(three, 2).state.get('behind');
      expect(await atOnce(three, 30, 'anna', limits)).toHaveLength(10);
    },
  );

  it('what has been used already is counted for all, however little room there is', async () => {
    const three = await open(3);
    const limits = { ...NONE, tokens_per_day: 20 };
    passedOf([await ask(at(three, 0), 'anna', limits)])[0]?.settle({ ...ONE, tokens: 15 });
    at(three, 1).counters.spend('anna', { requests: 0, tokens: 100, costNanos: 0 });
    await at(three, 1).state.get('behind');
    expect(await ask(at(three, 2), 'anna', limits)).toMatchObject({ limit: 'tokens_per_day' });
    expect(at(three, 2).counters.useOf('anna', 'tokens_per_day').used).toBe(115);
    expect(at(three, 2).counters.useOf('anna', 'requests_per_day').used).toBe(1);
  });

  it('says when there is room again, and what is left', async () => {
    const three = await open(3);
    const limits = { ...NONE, rpm: 4, requests_per_day: 1000 };
    const now = Date.now();
    for (let count = 0; count < 4; count += 1) {
      await ask(at(three, count), 'anna', limits);
      expect(at(three, count).counters.useOf('anna', 'rpm').used).toBe(count + 1);
      expect(at(three, count).counters.useOf('anna', 'requests_per_day').used).toBe(count + 1);
    }
    const refused = await ask(at(three, 1), 'anna', limits);
    expect(refused).toMatchObject({ limit: 'rpm', most: 4, isTooMuch: false });
    const { freeAt = 0 } = refused as Exceeded;
    expect(freeAt).toBeGreaterThan(now + 58_000);
    expect(freeAt).toBeLessThanOrEqual(now + 62_000);
    expect(await ask(at(three, 1), 'anna', { ...NONE, tpm: 5 })).toMatchObject({ limit: 'tpm', isTooMuch: true });
  });

  it('counts what was used in the place of what was reserved', async () => {
    const [one, other] = await open(2);
    if (!one || !other) throw new Error('there are two');
    const limits = { ...NONE, tpm: 1000, cost_per_month: 1 };
    const taken = await ask(one, 'anna', limits);
    if (isExceeded(taken)) throw new Error('there is room');
    taken.settle({ requests: 1, tokens: 990, costNanos: 0.99 * NANOS_OF_A_DOLLAR });
    await one.state.get('behind');
    expect(isExceeded(await ask(other, 'anna', limits))).toBe(false);
    expect(await ask(other, 'anna', limits)).toMatchObject({ limit: 'cost_per_month' });
  });

  it('goes on from what relays know when Redis has forgotten everything', async () => {
    const three = await open(3);
    const limits = { ...NONE, requests_per_month: 10 };
    const first = at(three, 0);
    for (let count = 0; count < 6; count += 1) await ask(first, 'anna', limits);
    await redis.ask('FLUSHALL');
    expect(await atOnce([first], 20, 'anna', limits)).toHaveLength(4);
  });

  it('frees the places of a relay that is gone', async () => {
    const [gone, left] = await open(2);
    if (!gone || !left) throw new Error('there are two');
    const limits = { ...NONE, concurrent: 5 };
    expect(await atOnce([gone], 9, 'anna', limits)).toHaveLength(5);
    expect(await atOnce([left], 9, 'anna', limits)).toHaveLength(0);
    // As after kill -9: its beat is heard no more.
    await gone.state.close();
    await redis.ask('ZREM', 'gcr:relays', gone.state.id);
    expect(await atOnce([left], 9, 'anna', limits)).toHaveLength(5);
  });
});

describe('Redis away', () => {
  it('for one question alone: what was given without it is told at once', async () => {
    const [one, other] = await open(2);
    if (!one || !other) throw new Error('there are two');
    const { state } = one;
    let isLate = true;
    const link: typeof state.link = {
      ...state.link,
      run: (...asked) => {
        if (!isLate) return state.link.run(...asked);
        isLate = false;
        return Promise.reject(new StateAway('late'));
      },
    };
    const counters = createSharedCounters({ memory: one.memory, state: { ...state, link }, system });
    const limits = { ...NONE, rpm: 10, requests_per_day: 10 };
    const usedOf = async (): Promise<number> => {
      await state.get('behind');
      await ask(other, 'anna', limits);
      return other.counters.useOf('anna', 'requests_per_day').used;
    };
    expect(await usedOf()).toBe(1);
    const taken = await counters.reserve('anna', limits, ONE, true);
    expect(await usedOf()).toBe(3);
    if (!isExceeded(taken)) taken.settle(NOTHING);
    expect(await usedOf()).toBe(3);
  });

  it.each([
    ['asked for', RESERVE],
    ['told', SETTLE],
  ])('what was %s, done, and not heard of counts once', async (_, unheard) => {
    const [one, other] = await open(2);
    if (!one || !other) throw new Error('there are two');
    const { state } = one;
    const link: typeof state.link = {
      ...state.link,
      run: async (asked, ...rest) => {
        const answer = await state.link.run(asked, ...rest);
        if (asked !== unheard || isHeard) return answer;
        isHeard = true;
        throw new StateAway('late');
      },
    };
    let isHeard = false;
    const counters = createSharedCounters({ memory: one.memory, state: { ...state, link }, system });
    const limits = { ...NONE, tokens_per_day: 1000, concurrent: 2 };
    const taken = await counters.reserve('anna', limits, ONE, true);
    if (isExceeded(taken)) throw new Error('there is room');
    taken.settle({ ...ONE, tokens: 7 });
    const after = async (): Promise<number> => {
      await state.get('behind');
      const looked = await other.counters.reserve('anna', limits, NOTHING, false);
      if (!isExceeded(looked)) looked.settle(NOTHING);
      return other.counters.useOf('anna', 'tokens_per_day').used;
    };
    await eventually(async () => {
      expect([isHeard, await after()]).toEqual([true, 7]);
    });
    // And no place is held for it.
    expect(await atOnce([other], 5, 'anna', limits)).toHaveLength(2);
  });

  it.each([
    ['given', 100],
    ['refused', 5],
  ])('what was %s without a Redis that wakes at once counts once', async (_, most) => {
    const own = await startRedis();
    const [one, other] = await open(2, own.url, { silenceMs: 500, longestMs: 10_000 });
    if (!one || !other) throw new Error('there are two');
    const limits = { ...NONE, requests_per_day: most };
    expect(await atOnce([one], 4, 'anna', limits)).toHaveLength(4);
    own.hang();
    // Shares of a half, of which this relay has given all where there are five.
    const given = await atOnce([one], 3, 'anna', limits);
    expect(given).toHaveLength(most > 5 ? 3 : 0);
    own.wake();
    await eventually(() => {
      for (const { state } of [one, other]) expect(state.health().ok).toBe(true);
    });
    await one.state.get('behind');
    await ask(other, 'anna', limits);
    expect(other.counters.useOf('anna', 'requests_per_day').used).toBe(4 + given.length + 1);
    await own.stop();
  });

  it('each relay gives its share, at once, and what it gave counts when Redis is back', async () => {
    const own = await startRedis();
    const patience = { silenceMs: 22, longestMs: 45 };
    const two = await open(2, own.url, patience);
    const limits = { ...NONE, requests_per_day: 10, concurrent: 10 };
    const before = await ask(at(two, 0), 'anna', limits);
    if (!isExceeded(before)) before.settle(NOTHING);
    await at(two, 0).state.get('behind');
    own.hang();
    const from = quietNow();
    const passed = await atOnce(two, 40, 'anna', limits);
    expect(quietNow() - from).toBeLessThan(50);
    expect(passed).toHaveLength(10);
    const refused = await ask(at(two, 0), 'anna', limits);
    expect(refused).toMatchObject({ most: 10, isTooMuch: false });
    own.wake();
    await eventually(() => {
      for (const { state } of two) expect(state.health().ok).toBe(true);
    });
    for (const one of two) await one.state.get('behind');
    expect(await atOnce(two, 40, 'anna', limits)).toHaveLength(0);
    for (const one of passed) one.settle(NOTHING);
    for (const one of two) await one.state.get('behind');
    // One more than any of the two could give alone.
    expect((await atOnce(two, 40, 'anna', limits)).length).toBeGreaterThan(5);
    await own.stop();
  });
});
