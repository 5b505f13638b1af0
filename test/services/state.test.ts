/** The state that relays share, on a real Redis, in all its troubles. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedisState } from '../../src/state/redis.ts';
import type { RedisState } from '../../src/state/redis.ts';
import { StateAway } from '../../src/state/state.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { collectGarbage } from '../support/garbage.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { quietNow } from '../support/machine.ts';
import { stateContract } from './state-contract.ts';
import { freePort } from './service.ts';
import { startRedis } from './redis.ts';
import type { Redis } from './redis.ts';
import { eventually } from '../support/eventually.ts';

const opened: RedisState[] = [];
const openState = (url: string, prefix = 'test:'): RedisState => {
  const state = openRedisState({ url, prefix, system: createSystem(), log: createMemoryLog() });
  opened.push(state);
  return state;
};
const untilOk = (state: RedisState, ok = true): Promise<void> =>
  eventually(() => {
    expect(state.health().ok).toBe(ok);
  }, 5);
/** How long one question takes, whatever comes of it: at once is before anything else happens. */
const timed = async (state: RedisState) => {
  const from = quietNow();
  let isAtOnce = true;
  setImmediate(() => (isAtOnce = false));
  const outcome = await Promise.resolve(state.get('x')).catch((error: unknown) => error);
  return { ms: quietNow() - from, isAtOnce, isAway: outcome instanceof StateAway };
};

let redis: Redis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(opened.map((state) => state.close()));
  await redis.stop();
});

describe('state in Redis', () => {
  let sides: readonly [RedisState, RedisState];
  beforeAll(async () => {
    sides = [openState(redis.url), openState(redis.url)];
    await Promise.all(sides.map((state) => untilOk(state)));
  });
  stateContract(() => sides);

  it('keeps nothing of a beat', async () => {
    const system = createSystem();
    let beats = 0;
    const quick: System = {
      ...system,
      sleep: async (ms, signal) => {
        beats += 1;
        await system.sleep(Math.min(ms, 0.1), signal);
      },
    };
    const state = openRedisState({ url: redis.url, prefix: 'test:beats:', system: quick, log: createMemoryLog() });
    opened.push(state);
    const until = (count: number): Promise<void> =>
      eventually(() => {
        expect(beats).toBeGreaterThan(count);
      }, 5);
    const heap = async (): Promise<number> => {
      await collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await until(1000);
    const before = await heap();
    await until(4000);
    // 290 bytes of each stayed once.
    expect((await heap()) - before).toBeLessThan(3000 * 100);
  });

  it('writes under its prefix alone, and counts the relays of the same prefix', async () => {
    const other = openState(redis.url, 'other:');
    await untilOk(other);
    await other.put('key', 'mine', 60_000);
    expect(await sides[0].get('key')).toBeUndefined();
    expect(await redis.ask('GET', 'other:key')).toBe('mine');
    await eventually(() => {
      expect(sides.map((state) => state.relays())).toEqual([2, 2]);
    });
    expect(other.relays()).toBe(1);
    const keys = (await redis.ask('KEYS', '*')) as string[];
    expect(keys.filter((key) => !/^(?:test|other):/.test(key))).toEqual([]);
  });

  it('knows when all have heard what was published, and waits for none that has died', async () => {
    await eventually(() => {
      expect(sides.map((state) => state.relays())).toEqual([2, 2]);
    });
    const [side, other] = sides;
    const heard: string[] = [];
    const stop = other.follow('news', (changes) => heard.push(...changes.map(({ field }) => field)));
    for (const field of ['one', 'two', 'three']) {
      await side.publish('news', [{ field, value: '' }]);
      await side.heardByAll();
      expect(heard).toContain(field);
    }
    stop();
    // It beat a moment ago, and does not any more.
    await redis.ask('ZADD', 'test:relays', String(Date.now()), 'relay_gone');
    const began = performance.now();
    await side.heardByAll();
    expect(performance.now() - began).toBeLessThan(3000);
    await redis.ask('ZREM', 'test:relays', 'relay_gone');
  });

  it('knows what time it is there, also where this process is too busy to hear it soon', async () => {
    const [side] = sides;
    const wrong: number[] = [];
    const until = performance.now() + 2000;
    while (performance.now() < until) {
      const from = performance.now();
      while (performance.now() - from < 60);
      await new Promise((resolve) => setTimeout(resolve));
      const [before, there, after] = [Date.now(), side.now(), Date.now()];
      wrong.push(Math.max(before - there, there - after));
    }
    expect(Math.max(...wrong)).toBeLessThan(20);
    await Promise.all(sides.map((state) => untilOk(state)));
  });

  it('is not away for a process that is too busy to ask it, and to hear its answer', async () => {
    const [side] = sides;
    await side.put('busy', 'heard', 60_000);
    for (let round = 0; round < 20; round += 1) {
      const asked = side.get('busy');
      for (const from = performance.now(); performance.now() - from < 60;);
      expect(await asked).toBe('heard');
    }
  });

  it('goes on when Redis has forgotten everything, its scripts too, and says that all is to be told again', async () => {
    const [one, other] = sides;
    const told: string[] = [];
    other.follow('flushed', (changes) => told.push(...changes.map(({ value }) => value)));
    await one.publish('flushed', [{ field: 'a', value: 'before' }]);
    await eventually(() => {
      expect(told).toEqual(['before']);
    });
    // Told again whenever the other one is ready, in later tests as well: this one may be away by then.
    other.onReady(() => void one.publish('flushed', [{ field: 'a', value: 'again' }]).catch(() => undefined));
    await redis.ask('FLUSHALL');
    await redis.ask('SCRIPT', 'FLUSH');
    await one.put('after', 'x', 60_000);
    expect(await other.get('after')).toBe('x');
    await eventually(() => {
      expect(told.at(-1)).toBe('again');
    });
  });
});

describe('Redis in trouble', () => {
  it('absent at the start: nobody waits, and it is there once it comes', async () => {
    const port = await freePort();
    const state = openState(`redis://127.0.0.1:${port}`);
    await state.opened();
    expect(state.health()).toMatchObject({ ok: false, trouble: 'unreachable' });
    expect(await timed(state)).toMatchObject({ isAway: true });
    const late = await startRedis({ port });
    await untilOk(state);
    await state.put('x', 'there', 1000);
    expect(await state.get('x')).toBe('there');
    await late.stop();
    await untilOk(state, false);
    expect(await timed(state)).toMatchObject({ isAtOnce: true, isAway: true });
    const again = await startRedis({ port });
    await untilOk(state);
    await again.stop();
  });

  it('closed while it connects: it ends', async () => {
    for (const waitMs of [0, 2, 5, 10, 20, 40]) {
      const state = openState(redis.url);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await state.close();
    }
  });

  it('hung: who asks waits under 50 ms, then nobody waits, and it is back when it wakes', async () => {
    const hung = await startRedis();
    const states = [openState(hung.url), openState(hung.url), openState(hung.url)] as const;
    const [state] = states;
    for (const each of states) await untilOk(each);
    hung.hang();
    const firsts: Awaited<ReturnType<typeof timed>>[] = [];
    for (const each of states) firsts.push(await timed(each));
    expect(firsts.map(({ isAway }) => isAway)).toEqual([true, true, true]);
    // The machine has other work, too: what counts is that it can be done.
    expect(Math.min(...firsts.map(({ ms }) => ms))).toBeLessThan(50);
    expect(state.health()).toMatchObject({ ok: false });
    expect(await timed(state)).toMatchObject({ isAtOnce: true, isAway: true });
    // Another one that starts now is not held up by a connection that is taken and never answered.
    const late = openState(hung.url);
    await late.opened();
    expect(late.health()).toMatchObject({ ok: false, trouble: 'slow' });
    hung.wake();
    await untilOk(state);
    await untilOk(late);
    await hung.stop();
  });

  it('full: it is told, and over when there is room', async () => {
    const full = await startRedis({ args: ['--maxmemory', '100kb', '--maxmemory-policy', 'noeviction'] });
    const state = openState(full.url);
    await state.opened();
    expect(state.health()).toMatchObject({ ok: false, trouble: 'full' });
    await full.ask('CONFIG', 'SET', 'maxmemory', '0');
    await untilOk(state);
    await full.stop();
  });

  it('failing over: a replica that takes no writes, then does', async () => {
    const replica = await startRedis();
    const state = openState(replica.url);
    await untilOk(state);
    await replica.ask('REPLICAOF', '127.0.0.1', '1');
    await untilOk(state, false);
    await eventually(() => {
      expect(state.health().trouble).toBe('read_only');
    });
    await replica.ask('REPLICAOF', 'NO', 'ONE');
    await untilOk(state);
    await replica.stop();
  });

  it('a wrong password, then the right one', async () => {
    const locked = await startRedis({ args: ['--requirepass', 'right'] });
    const wrong = openState(locked.url.replace('//', '//:wrong-password@'));
    const none = openState(locked.url);
    await Promise.all([wrong.opened(), none.opened()]);
    expect(wrong.health()).toMatchObject({ ok: false, trouble: 'refused' });
    expect(none.health()).toMatchObject({ ok: false, trouble: 'refused' });
    const right = openState(locked.url.replace('//', '//:right@'));
    await untilOk(right);
    await locked.stop();
  });

  it('a server that moves keys elsewhere, or that is no Redis', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('-MOVED 1 127.0.0.1:1\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const state = openState(`redis://127.0.0.1:${port}`);
    await eventually(() => {
      expect(state.health()).toMatchObject({ ok: false, trouble: 'cluster' });
    });
    server.close();
  });
});
