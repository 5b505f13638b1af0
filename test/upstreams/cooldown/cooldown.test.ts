import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, test } from 'vitest';
import { DOOR_CAUSES } from '../../../src/reasons.ts';
import type { DoorCause } from '../../../src/reasons.ts';
import type { Trouble } from '../../../src/upstreams/causes.ts';
import { createCooldown, WHOLE } from '../../../src/upstreams/cooldown/cooldown.ts';
import type { Cooldown, DoorChange } from '../../../src/upstreams/cooldown/cooldown.ts';
import { processorNow } from '../../support/machine.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const DOOR = 'gemini-api:work';
const MODEL = 'gemini-3.8-flash';

let now: number;
let cooldown: Cooldown;
beforeEach(() => {
  now = Date.parse('2026-11-28T02:20:00Z');
  cooldown = createCooldown({ now: () => now });
});

const trouble = (cause: DoorCause, waitMs?: number): Trouble => ({ cause, scope: DOOR_CAUSES[cause].cools, waitMs });

const fail = (cause: DoorCause, waitMs?: number, { door = DOOR, model = MODEL } = {}): boolean =>
  cooldown.failed(door, model, trouble(cause, waitMs), cooldown.ask(door, model));
const succeed = ({ door = DOOR, model = MODEL } = {}): void => {
  cooldown.succeeded(door, model, cooldown.ask(door, model));
};

test('a door that nothing is known of is open', () => {
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
  expect(cooldown.isBeingTried(DOOR, MODEL)).toBe(false);
  expect(cooldown.stateOf(DOOR, MODEL)).toEqual({ state: 'ok' });
  expect(cooldown.opensAt(DOOR, MODEL)).toBe(now);
  expect(cooldown.list([DOOR])).toEqual([{ id: DOOR, state: { state: 'ok' }, models: [] }]);
});

test('a limit of the minute closes one model, and is over by itself', () => {
  fail('rate_limit', 34_000);
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(false);
  expect(cooldown.isOpen(DOOR, 'gemini-2.5-pro')).toBe(true);
  expect(cooldown.isOpen('vertex', MODEL)).toBe(true);
  expect(cooldown.opensAt(DOOR, MODEL)).toBe(now + 34_000);
  const state = { state: 'cooling', cause: 'rate_limit', until: now + 34_000, failures: 1 };
  expect(cooldown.stateOf(DOOR, MODEL)).toEqual(state);
  expect(cooldown.stateOf(DOOR)).toEqual({ state: 'ok' });
  expect(cooldown.list([DOOR, 'vertex'])).toEqual([
    { id: DOOR, state: { state: 'ok' }, models: [{ model: MODEL, state }] },
    { id: 'vertex', state: { state: 'ok' }, models: [] },
  ]);
  now += 33_999;
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(false);
  now += 1;
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
  expect(cooldown.stateOf(DOOR, MODEL)).toEqual({ state: 'ok' });
  expect(cooldown.list([DOOR])[0]?.models).toEqual([]);
  // And counts for nothing afterwards.
  fail('rate_limit', 1000);
  expect(cooldown.stateOf(DOOR, MODEL)).toMatchObject({ failures: 1 });
});

test('an outage closes the door for all models: 5 s, doubling to two minutes, until it answers', () => {
  const lengths: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    fail('network');
    expect(cooldown.isOpen(DOOR, 'any model')).toBe(false);
    const opening = cooldown.opensAt(DOOR, 'any model');
    lengths.push((opening - now) / 1000);
    now = opening;
    expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
    expect(cooldown.stateOf(DOOR)).toEqual({ state: 'failing', cause: 'network', failures: round + 1 });
  }
  expect(lengths).toEqual([5, 10, 20, 40, 80, 120, 120]);
  succeed({ model: 'another' });
  expect(cooldown.stateOf(DOOR)).toEqual({ state: 'ok' });
  fail('network');
  expect(cooldown.opensAt(DOOR, MODEL)).toBe(now + 5000);
});

test('another kind of trouble begins its own row', () => {
  fail('network');
  now += 5000;
  fail('network');
  now += 10_000;
  fail('server_error');
  expect(cooldown.stateOf(DOOR)).toMatchObject({ cause: 'server_error', failures: 1 });
});

test('a failure that was not heard of for long is forgotten', () => {
  fail('capacity');
  now += 10_000 + 10 * 60_000;
  expect(cooldown.stateOf(DOOR, MODEL)).toEqual({ state: 'ok' });
  fail('capacity');
  expect(cooldown.opensAt(DOOR, MODEL)).toBe(now + 10_000);
});

test.each(['invalid_key', 'retired_key', 'permission', 'billing', 'login', 'ineligible'] as const)(
  '%s closes the door for all models, until its owner or an answer says otherwise',
  (cause) => {
    fail(cause);
    now += 400 * 86_400_000;
    expect(cooldown.isOpen(DOOR, 'any model')).toBe(false);
    expect(cooldown.opensAt(DOOR, MODEL)).toBe(Infinity);
    expect(cooldown.stateOf(DOOR, MODEL)).toEqual({ state: 'invalid', cause });
    // A probe asks though it is closed.
    succeed();
    expect(cooldown.isOpen(DOOR, 'any model')).toBe(true);
    fail(cause);
    cooldown.reset(DOOR);
    expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
  },
);

test('a model and its door may both be closed; the later opening counts, and an answer opens both', () => {
  fail('daily_quota');
  fail('network');
  expect(cooldown.opensAt(DOOR, MODEL)).toBe(Date.parse('2026-11-28T08:00:00Z'));
  expect(cooldown.stateOf(DOOR, MODEL)).toMatchObject({ cause: 'daily_quota' });
  expect(cooldown.stateOf(DOOR, 'another')).toMatchObject({ cause: 'network' });
  now += 5000;
  expect(cooldown.stateOf(DOOR, MODEL)).toMatchObject({ cause: 'daily_quota' });
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(false);
  expect(cooldown.isOpen(DOOR, 'another')).toBe(true);
  succeed();
  expect(cooldown.list([DOOR])).toEqual([{ id: DOOR, state: { state: 'ok' }, models: [] }]);
});

test('of two closings the one that ends later tells the cause, whichever it is', () => {
  fail('rate_limit', 2000);
  fail('server_error');
  expect(cooldown.stateOf(DOOR, MODEL)).toMatchObject({ cause: 'server_error', until: now + 5000 });
  fail('rate_limit', 7000);
  expect(cooldown.stateOf(DOOR, MODEL)).toMatchObject({ cause: 'rate_limit', until: now + 7000 });
  fail('billing');
  expect(cooldown.stateOf(DOOR, MODEL)).toEqual({ state: 'invalid', cause: 'billing' });
});

test('by hand: one model, or the whole door', () => {
  fail('daily_quota');
  fail('daily_quota', undefined, { model: 'other' });
  fail('network');
  cooldown.reset(DOOR, MODEL);
  expect(cooldown.list([DOOR])[0]?.models.map(({ model }) => model)).toEqual(['other']);
  expect(cooldown.stateOf(DOOR)).toMatchObject({ cause: 'network' });
  cooldown.reset(DOOR);
  expect(cooldown.isOpen(DOOR, 'other')).toBe(true);
  cooldown.reset('nobody');
});

test('switched off by its owner: closed whatever happens, until it is switched on', () => {
  cooldown.setOff(DOOR, true);
  cooldown.setOff(DOOR, true);
  fail('network');
  succeed();
  cooldown.reset(DOOR);
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(false);
  expect(cooldown.opensAt(DOOR, MODEL)).toBe(Infinity);
  expect(cooldown.stateOf(DOOR, MODEL)).toEqual({ state: 'off' });
  expect(cooldown.list([DOOR])[0]?.state).toEqual({ state: 'off' });
  cooldown.setOff(DOOR, false);
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
});

describe('races', () => {
  test('500 that fail together count once', () => {
    const tickets = Array.from({ length: 500 }, () => cooldown.ask(DOOR, MODEL));
    const news = tickets.map((ticket) => cooldown.failed(DOOR, MODEL, trouble('network'), ticket));
    expect(news.filter(Boolean)).toHaveLength(1);
    expect(cooldown.stateOf(DOOR)).toMatchObject({ failures: 1, until: now + 5000 });
  });

  test('an answer that was under way when the key died does not bring it back', () => {
    const early = cooldown.ask(DOOR, MODEL);
    fail('invalid_key');
    cooldown.succeeded(DOOR, MODEL, early);
    expect(cooldown.stateOf(DOOR)).toEqual({ state: 'invalid', cause: 'invalid_key' });
    succeed();
    expect(cooldown.stateOf(DOOR)).toEqual({ state: 'ok' });
  });

  test('of those who failed together the one that knows of the longest closing is heard', () => {
    const [first, second, third] = [0, 1, 2].map(() => cooldown.ask(DOOR, MODEL));
    cooldown.failed(DOOR, MODEL, trouble('rate_limit', 1000), first ?? 0);
    cooldown.failed(DOOR, MODEL, trouble('daily_quota'), second ?? 0);
    expect(cooldown.failed(DOOR, MODEL, trouble('rate_limit', 2000), third ?? 0)).toBe(false);
    expect(cooldown.stateOf(DOOR, MODEL)).toMatchObject({ cause: 'daily_quota' });
    const network = cooldown.ask(DOOR, MODEL);
    fail('invalid_key');
    cooldown.failed(DOOR, MODEL, trouble('network'), network);
    expect(cooldown.stateOf(DOOR)).toMatchObject({ state: 'invalid' });
  });

  test('one tries a door that failed; the others are told, until it is known, or for ten seconds', () => {
    fail('network');
    now += 5000;
    expect(cooldown.isBeingTried(DOOR, MODEL)).toBe(false);
    const ticket = cooldown.ask(DOOR, MODEL);
    expect(cooldown.isBeingTried(DOOR, MODEL)).toBe(true);
    expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
    now += 10_000;
    expect(cooldown.isBeingTried(DOOR, MODEL)).toBe(false);
    cooldown.ask(DOOR, MODEL);
    cooldown.succeeded(DOOR, MODEL, ticket);
    expect(cooldown.isBeingTried(DOOR, MODEL)).toBe(false);
    expect(cooldown.stateOf(DOOR)).toEqual({ state: 'ok' });
  });

  test('a quota that is back is nobody’s to try', () => {
    fail('rate_limit', 1000);
    now += 1000;
    cooldown.ask(DOOR, MODEL);
    expect(cooldown.isBeingTried(DOOR, MODEL)).toBe(false);
  });
});

test('a clock that is set back closes nothing for longer', () => {
  fail('network');
  now -= 3_600_000;
  expect(cooldown.isOpen(DOOR, MODEL)).toBe(true);
});

describe('whoever listens', () => {
  test('hears each change, and nothing where none is', () => {
    const heard: DoorChange[] = [];
    const stop = cooldown.onChange((change) => heard.push(change));
    succeed();
    const { version } = cooldown;
    fail('daily_quota');
    fail('invalid_key');
    succeed();
    cooldown.setOff(DOOR, true);
    expect(heard.map(({ model, closing, isOff }) => [model, closing?.cause, isOff])).toEqual([
      [MODEL, 'daily_quota', false],
      [WHOLE, 'invalid_key', false],
      [WHOLE, undefined, false],
      [MODEL, undefined, false],
      [WHOLE, undefined, true],
    ]);
    expect(cooldown.version).toBe(version + 5);
    stop();
    fail('network');
    expect(heard).toHaveLength(5);
  });
});

describe('over a restart', () => {
  test('everything stands as it was, but for what has passed meanwhile', () => {
    fail('daily_quota');
    fail('rate_limit', 1000, { model: 'short' });
    fail('retired_key', undefined, { door: 'gemini-api:old' });
    cooldown.setOff('vertex', true);
    const entries = cooldown.entries();
    now += 2000;
    const next = createCooldown({ now: () => now });
    next.restore(entries);
    expect(next.list([DOOR, 'gemini-api:old', 'vertex'])).toEqual(cooldown.list([DOOR, 'gemini-api:old', 'vertex']));
    expect(next.isOpen(DOOR, MODEL)).toBe(false);
    expect(next.isOpen(DOOR, 'short')).toBe(true);
    expect(next.entries()).toEqual(cooldown.entries());
    next.succeeded('gemini-api:old', MODEL, next.ask('gemini-api:old', MODEL));
    expect(next.isOpen('gemini-api:old', MODEL)).toBe(true);
  });

  test('what is newer stays', () => {
    fail('rate_limit', 60_000);
    const entries = cooldown.entries();
    const next = createCooldown({ now: () => now });
    next.failed(DOOR, MODEL, trouble('daily_quota'), next.ask(DOOR, MODEL));
    next.restore(entries);
    expect(next.stateOf(DOOR, MODEL)).toMatchObject({ cause: 'daily_quota' });
  });
});

describe('5,000 doors', () => {
  const doors = Array.from({ length: 5000 }, (_none, index) => `gemini-api:key-${index}`);

  test('remember ten models each, those that open last', () => {
    for (let index = 0; index < 40; index += 1) fail('rate_limit', 1000 * (index + 1), { model: `model ${index}` });
    const models = cooldown.list([DOOR])[0]?.models.map(({ model }) => model);
    expect(models).toHaveLength(10);
    expect(models).toContain('model 39');
    expect(models).not.toContain('model 0');
  });

  test('take less than 2 KB each, each with all the models that it remembers', () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (const door of doors) {
      for (let index = 0; index < 10; index += 1) fail('rate_limit', 60_000 + index, { door, model: `model ${index}` });
      fail('network', undefined, { door });
    }
    collect();
    expect((process.memoryUsage().heapUsed - before) / doors.length).toBeLessThan(2048);
    expect(cooldown.entries()).toHaveLength(5000 * 11);
  });

  test('are asked as fast as one', () => {
    const timeOf = (count: number): number => {
      const some = doors.slice(0, count);
      const times = Array.from({ length: 5 }, () => {
        const startedAt = processorNow();
        for (let round = 0; round < 100_000; round += 1) cooldown.isOpen(some[round % count] ?? '', MODEL);
        return processorNow() - startedAt;
      });
      return Math.min(...times);
    };
    for (const door of doors) fail('daily_quota', undefined, { door });
    timeOf(1);
    // Memory further away is slower; a search among all would be a thousand times so.
    expect(timeOf(5000)).toBeLessThan(20 * timeOf(1) + 20);
  });
});
