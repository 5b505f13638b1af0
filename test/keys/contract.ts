/** What client keys promise of their counters, the same on every engine; each runs through these tests. */
import { afterEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/callers/caller.ts';
import { LIMIT_NAMES, LIMITS, perLimit } from '../../src/callers/limits.ts';
import type { LimitName, Limits } from '../../src/callers/limits.ts';
import { createClientKeys } from '../../src/keys/client-keys.ts';
import type { ClientKeys } from '../../src/keys/client-keys.ts';
import { isExceeded } from '../../src/keys/counters.ts';
import type { Amount, Exceeded, Reservation } from '../../src/keys/counters.ts';
import { createKeyStore } from '../../src/keys/key-store.ts';
import type { KeyStore } from '../../src/keys/key-store.ts';
import { silentLogger } from '../../src/log.ts';
import type { Store } from '../../src/store/store.ts';
import { createSystem } from '../../src/system.ts';
import type { System } from '../../src/system.ts';
import { allowed } from '../support/machine.ts';
import { eventually } from '../support/eventually.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So many times faster than they are set do relays look into the database. */
const HASTE = 20;

interface Clock extends System {
  time: number;
}

/** It stands still until it is set; relays look as often as ever, only sooner. */
const createClock = (time: number): Clock => {
  const real = createSystem();
  const clock: Clock = {
    ...real,
    time,
    now: () => clock.time,
    sleep: (ms, signal) => real.sleep(ms / HASTE, signal),
  };
  return clock;
};

/** For forty requests of ten tokens and a cent each. */
const ROOM = { requests: 40, tokens: 400, cost: 0.4 };
const NONE: Limits = perLimit(() => null);
const ALL: Limits = perLimit(() => 1_000_000);
const one = (tokens = 100, costNanos = 5000): Amount => ({ requests: 1, tokens, costNanos });

export interface KeysRig {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export const describeKeys = (engine: string, createRig: () => Promise<KeysRig>): void => {
  describe(`client keys in ${engine}`, () => {
    const ends: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
    });

    interface Household {
      readonly clock: Clock;
      readonly keys: KeyStore;
      readonly store: Store;
      /** A relay on the same database. */
      readonly relay: () => Promise<ClientKeys>;
    }
    const household = async (time = Date.UTC(2026, 10, 28, 12)): Promise<Household> => {
      const rig = await createRig();
      ends.push(() => rig.remove());
      const clock = createClock(time);
      const store = await rig.open();
      ends.push(() => store.close());
      return {
        clock,
        store,
        keys: createKeyStore(store, clock),
        relay: async () => {
          const opened = await rig.open();
          const relay = createClientKeys({ store: opened, system: clock, log: silentLogger });
          ends.push(async () => {
            await relay.close();
            await opened.close();
          });
          const { signal } = new AbortController();
          while (!(await relay.callers.known(signal))) await new Promise((resolve) => setTimeout(resolve, 5));
          return relay;
        },
      };
    };
    const add = async (keys: KeyStore, limits: Limits = ALL, name = 'anna') => {
      const { key, secret } = await keys.add(name, { models: [], doors: [], expiresAt: null, limits });
      return { id: key.id, secret, digest: digestOf(secret) };
    };
    const take = (relay: ClientKeys, id: string, limits = ALL, amount = one()): Reservation => {
      const outcome = relay.counters.reserve(id, limits, amount, true);
      if (outcome instanceof Promise || isExceeded(outcome)) throw new Error('no room');
      return outcome;
    };
    const refusal = (relay: ClientKeys, id: string, limits: Limits): Exceeded | undefined => {
      const outcome = relay.counters.reserve(id, limits, one(), true);
      return !(outcome instanceof Promise) && isExceeded(outcome) ? outcome : undefined;
    };
    const used = (relay: ClientKeys, id: string): Record<LimitName, number> =>
      perLimit((limit) => relay.counters.useOf(id, limit).used);
    const soon = (check: () => void): Promise<void> => eventually(check, 20);

    test('what another process makes and changes is known at the second look', async () => {
      const { keys, relay, clock } = await household();
      const running = await relay();
      const { digest } = await add(keys);
      await soon(() => {
        expect(running.callers.find(digest)?.limits).toEqual(ALL);
      });
      await keys.change('anna', { limits: { rpm: 3 }, models: ['gemini-2.5-*'] });
      await soon(() => {
        expect(running.callers.find(digest)).toMatchObject({ limits: { rpm: 3 }, models: ['gemini-2.5-*'] });
      });
      await keys.change('anna', { disabled: true });
      await soon(() => {
        expect(running.callers.find(digest)).toBeUndefined();
      });
      expect(running.callers.closed(digest)).toEqual({ name: 'anna', why: 'disabled' });
      await keys.change('anna', { disabled: false, expiresAt: clock.time + HOUR_MS });
      await soon(() => {
        expect(running.callers.find(digest)).toBeDefined();
      });
      // Nobody has to look for that.
      clock.time += HOUR_MS;
      expect(running.callers.closed(digest)).toEqual({ name: 'anna', why: 'expired' });
      await keys.remove('anna');
      await soon(() => {
        expect(running.callers.closed(digest)).toBeUndefined();
      });
    });

    test('of two rotations at once that end the former secrets, one secret is left', async () => {
      const { keys, relay } = await household();
      const running = await relay();
      for (const name of ['anna', 'ben', 'cleo']) {
        const made = await keys.add(name, { models: [], doors: [], expiresAt: null, limits: NONE });
        const rotated = await Promise.all([keys.rotate(name, 0), keys.rotate(name, 0)]);
        await running.refresh();
        const secrets = [made, ...rotated].map(({ secret }) => running.callers.find(digestOf(secret))?.name);
        expect(secrets.filter((found) => found === name)).toHaveLength(1);
        expect(secrets[0]).toBeUndefined();
      }
    });

    test('a key that is removed while it gets a new secret leaves none behind', async () => {
      const { keys, store } = await household();
      for (const name of ['anna', 'ben', 'cleo']) {
        await keys.add(name, { models: [], doors: [], expiresAt: null, limits: NONE });
        await Promise.allSettled([keys.remove(name), keys.rotate(name, HOUR_MS)]);
      }
      expect(await keys.list()).toEqual([]);
      expect(await store.read('SELECT * FROM client_key_secrets')).toEqual([]);
    });

    test('both secrets of a rotated key count on one account, and the former ends with the overlap', async () => {
      const { keys, relay, clock } = await household();
      const running = await relay();
      const { id, digest } = await add(keys);
      await soon(() => {
        expect(running.callers.find(digest)).toBeDefined();
      });
      const { secret } = await keys.rotate('anna', HOUR_MS);
      await soon(() => {
        expect(running.callers.find(digestOf(secret))?.id).toBe(id);
      });
      expect(running.callers.find(digest)?.id).toBe(id);
      clock.time += HOUR_MS - 1;
      expect(running.callers.find(digest)).toBeDefined();
      clock.time += 1;
      expect(running.callers.find(digest)).toBeUndefined();
      expect(running.callers.closed(digest)).toEqual({ name: 'anna', why: 'rotated' });
      expect(running.callers.find(digestOf(secret))).toBeDefined();
    });

    test('counters outlive a restart, each of them', async () => {
      const { keys, relay } = await household();
      const { id } = await add(keys);
      const before = await relay();
      for (let round = 0; round < 7; round += 1) take(before, id).settle(one(250, 123_456_789));
      take(before, id);
      const all = used(before, id);
      expect(all).toMatchObject({ rpm: 8, tpm: 1850, requests_per_day: 8, tokens_per_month: 1850 });
      await before.close();
      expect(used(await relay(), id)).toEqual({ ...all, concurrent: 0 });
    });

    test('two relays on one database: nothing is lost, nothing counts twice, and each knows of the other', async () => {
      const { keys, relay, store } = await household();
      const { id } = await add(keys);
      const both = [await relay(), await relay()] as const;
      for (let round = 0; round < 40; round += 1) {
        for (const running of both) for (let burst = 0; burst < 5; burst += 1) take(running, id).settle(one(7, 11));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      for (const running of both) {
        await soon(() => {
          expect(used(running, id)).toMatchObject({ rpm: 400, tokens_per_day: 2800, requests_per_month: 400 });
        });
      }
      const rows = await store.read('SELECT requests, tokens, cost_nanos FROM client_key_counts WHERE period = ?', [
        '2026-11',
      ]);
      expect(rows).toEqual([{ requests: 400, tokens: 2800, cost_nanos: 4400 }]);
      const limits = { ...NONE, requests_per_day: 400 };
      for (const running of both) expect(refusal(running, id, limits)?.limit).toBe('requests_per_day');
    });

    test('midnight of UTC gives a day back, the last day of a month the month; what began before counts there', async () => {
      const midnight = Date.UTC(2026, 10, 1);
      const { keys, relay, clock, store } = await household(midnight - 500);
      const limits = { ...NONE, requests_per_day: 2, tokens_per_month: 1000 };
      const { id } = await add(keys, limits);
      const running = await relay();
      take(running, id, limits).settle(one(10));
      const late = take(running, id, limits);
      expect(refusal(running, id, limits)).toMatchObject({ limit: 'requests_per_day', freeAt: midnight });
      clock.time = midnight;
      expect(used(running, id)).toMatchObject({ requests_per_day: 0, tokens_per_month: 0 });
      expect(running.counters.useOf(id, 'tokens_per_month').resetsAt).toBe(Date.UTC(2026, 11, 1));
      take(running, id, limits).settle(one(20));
      late.settle(one(500));
      expect(used(running, id)).toMatchObject({ requests_per_day: 1, tokens_per_month: 20 });
      await running.close();
      const rows = await store.read(
        'SELECT period, requests, tokens FROM client_key_counts WHERE ends_at > ? AND period LIKE ? ORDER BY period',
        [midnight + HOUR_MS, '2026-%'],
      );
      expect(rows).toEqual([
        { period: '2026-11', requests: 1, tokens: 20 },
        { period: '2026-11-01', requests: 1, tokens: 20 },
      ]);
      const next = await relay();
      expect(used(next, id)).toMatchObject({ requests_per_day: 1, tokens_per_month: 20 });
      // A clock that is put back finds what it had counted, and gives nothing away.
      clock.time = midnight - 1000;
      expect(used(running, id)).toMatchObject({ requests_per_day: 2, tokens_per_month: 510 });
    });

    test('days end at midnight of UTC, months with their last day, wherever clocks are put back', async () => {
      const { relay, clock } = await household();
      const { counters } = await relay();
      const ends = [
        ...['2027-03-01', '2028-03-01', '2027-01-01', '2026-05-01'],
        // On the days before clocks change in Europe and in America.
        ...['2026-10-26', '2026-03-30', '2026-11-02'],
      ];
      for (const end of ends.map((day) => Date.parse(day)).sort()) {
        clock.time = end - 1;
        expect(counters.useOf('any', 'requests_per_day').resetsAt).toBe(end);
        const month = new Date(counters.useOf('any', 'tokens_per_month').resetsAt ?? 0);
        expect(month.toISOString()).toMatch(/^\d{4}-\d\d-01T00:00:00\.000Z$/);
        expect(month.getTime() - clock.time).toBeLessThanOrEqual(31 * DAY_MS);
        clock.time = end;
        expect(counters.useOf('any', 'requests_per_day').resetsAt).toBe(end + DAY_MS);
      }
    });

    test('a minute gives back second by second what was used a minute ago', async () => {
      const { relay, clock } = await household();
      const running = await relay();
      const limits = { ...NONE, rpm: 2 };
      const start = clock.time;
      take(running, 'any', limits);
      clock.time = start + 30_000;
      take(running, 'any', limits);
      expect(refusal(running, 'any', limits)).toMatchObject({ limit: 'rpm', freeAt: start + 60_000 });
      clock.time = start + 59_999;
      expect(refusal(running, 'any', limits)).toBeDefined();
      clock.time = start + 60_000;
      expect(refusal(running, 'any', limits)).toBeUndefined();
      expect(refusal(running, 'any', limits)).toMatchObject({ freeAt: start + 90_000 });
    });

    test('five hundred at once, and exactly as many pass as each limit has room for', async () => {
      const { relay } = await household();
      const { counters } = await relay();
      for (const limit of LIMIT_NAMES) {
        const most = ROOM[LIMITS[limit].counts];
        const outcomes = await Promise.all(
          Array.from({ length: 500 }, async () => {
            await Promise.resolve();
            return counters.reserve(limit, { ...NONE, [limit]: most }, one(10, 1e7), true);
          }),
        );
        const passed = outcomes.flatMap((outcome) => (isExceeded(outcome) ? [] : [outcome]));
        expect([limit, passed.length]).toEqual([limit, 40]);
        expect(counters.useOf(limit, limit).used).toBeCloseTo(most, 9);
        for (const reservation of passed) {
          reservation.settle({ requests: 0, tokens: 0, costNanos: 0 });
          // Twice gives nothing back twice.
          reservation.settle({ requests: 0, tokens: 0, costNanos: 0 });
        }
        expect(counters.useOf(limit, limit).used).toBe(0);
      }
    });

    test('5,000 keys: known at once, found at once, in little memory', async () => {
      const { keys, store, relay, clock } = await household();
      const { digest } = await add(keys);
      const names = Array.from({ length: 5000 }, (_none, index) => `key-${index}`);
      await store.write([
        {
          into: 'client_keys (id, name, disabled, created_at, models, doors, rpm)',
          rows: names.map((name) => [name, name, 0, clock.time, '[]', '[]', 60]),
        },
        {
          into: 'client_key_secrets (digest, key_id, prefix)',
          rows: names.map((name) => [digestOf(name), name, 'gcr_abcd']),
        },
        {
          into: 'client_key_counts (key_id, period, ends_at, version, requests, tokens, cost_nanos)',
          rows: names.map((name) => [name, '2026-11', Date.UTC(2026, 11, 1), 1, 5, 50, 500]),
        },
        { sql: 'UPDATE client_key_state SET keys_version = keys_version + 1, counts_version = 1' },
      ]);
      const before = process.memoryUsage().heapUsed;
      const startedAt = performance.now();
      const running = await relay();
      const startMs = performance.now() - startedAt;
      const heldMb = (process.memoryUsage().heapUsed - before) / 2 ** 20;
      expect(startMs).toBeLessThan(allowed(1500));
      expect(heldMb).toBeLessThan(60);
      expect(running.callers.find(digest)?.name).toBe('anna');
      const digests = names.map(digestOf);
      let found = 0;
      const lookedAt = performance.now();
      for (const each of digests) found += running.callers.find(each) ? 1 : 0;
      expect((performance.now() - lookedAt) / digests.length).toBeLessThan(allowed(0.02));
      expect(found).toBe(digests.length);
      expect(used(running, 'key-4999')).toMatchObject({ requests_per_month: 5, tokens_per_month: 50 });
      await soon(() => {
        expect(running.callers.find(digestOf('key-17'))?.limits).toMatchObject({ rpm: 60, tpm: null });
      });
    });
  });
};
