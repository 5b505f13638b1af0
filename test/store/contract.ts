/** What every engine promises; each runs through these tests. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../src/store/database.ts';
import type { Database, StoreTrouble, Write } from '../../src/store/database.ts';
import { MIGRATIONS } from '../../src/store/schema.ts';
import { alike, rowsOf, SHARED } from './alike-rows.ts';

export interface EngineRig {
  open(): Promise<Database>;
  /** Any statement, past the relay. */
  exec(sql: string): Promise<void>;
  remove(): Promise<void>;
}

export const troubleOf = (promise: Promise<unknown>): Promise<StoreTrouble | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof StoreError) return error.trouble;
      throw error;
    },
  );

const batch = (id: string, time = 1): Write => ({ into: 'batches (id, time)', rows: [[id, time]] });

const sums = (requests: number): Write => ({
  into: 'day_sums (day, key, model, door, format, requests, errors, input_tokens, cached_tokens, output_tokens, thought_tokens, cost_nanos, unpriced)',
  rows: [['2026-11-28', 'k', 'm', '', 'openai', requests, 0, 2 ** 40, 0, 0, 0, 250, 0]],
  onConflict:
    'ON CONFLICT (day, key, model, door, format) DO UPDATE SET requests = day_sums.requests + excluded.requests, cost_nanos = day_sums.cost_nanos + excluded.cost_nanos',
});

export const describeEngine = (name: string, createRig: () => Promise<EngineRig>): void => {
  describe(name, () => {
    let rig: EngineRig;
    const opened: Database[] = [];
    const open = async (): Promise<Database> => {
      const database = await rig.open();
      opened.push(database);
      return database;
    };
    beforeEach(async () => {
      rig = await createRig();
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()));
      await rig.remove();
    });

    test('what is written is read, by whoever opens it next', async () => {
      const first = await open();
      expect(
        await first.write([batch('one'), batch('two'), { sql: 'DELETE FROM batches WHERE id = ?', values: ['one'] }]),
      ).toEqual([1, 1, 1]);
      const second = await open();
      expect(await second.read('SELECT id, time FROM batches WHERE time >= ? ORDER BY id', [0])).toEqual([
        { id: 'two', time: 1 },
      ]);
    });

    test('rows that meet in one place add up, exactly', async () => {
      const database = await open();
      for (const requests of [1, 2, 3]) await database.write([sums(requests)]);
      const rows = await database.read('SELECT requests, input_tokens, cost_nanos FROM day_sums');
      expect(rows).toEqual([{ requests: 6, input_tokens: 2 ** 40, cost_nanos: 750 }]);
    });

    test('all of a write or nothing', async () => {
      const database = await open();
      await database.write([batch('there')]);
      expect(await troubleOf(database.write([sums(1), batch('new'), batch('there')]))).toBe('conflict');
      expect(await database.read('SELECT id FROM batches')).toEqual([{ id: 'there' }]);
      expect(await database.read('SELECT day FROM day_sums')).toEqual([]);
      expect(await database.write([batch('new')])).toEqual([1]);
    });

    test('thousands of rows in one write', async () => {
      const database = await open();
      const rows = Array.from({ length: 40_000 }, (_none, index) => [`batch ${index}`, index]);
      expect(await database.write([{ into: 'batches (id, time)', rows }])).toEqual([40_000]);
      expect(await database.read('SELECT COUNT(*) AS count, SUM(time) AS sum FROM batches')).toEqual([
        { count: 40_000, sum: 799_980_000 },
      ]);
    });

    test.each([0, 1, 9, 10, 50, 133])(
      '%i rows that are alike are those that were given, with what they share',
      async (count) => {
        const database = await open();
        const rows = rowsOf(count);
        expect(await database.write([alike(rows)])).toEqual([count]);
        const names = Object.keys({ ...SHARED, ...rows[0]?.texts, ...rows[0]?.numbers });
        expect(await database.read(`SELECT ${names.join(', ') || '*'} FROM requests ORDER BY time`)).toEqual(
          rows.map(({ texts, numbers }) => ({ ...SHARED, ...texts, ...numbers })),
        );
        await database.write([{ sql: 'DELETE FROM requests' }]);
      },
    );

    test.each([1, 50, 133])(
      'of %i that are alike the last is there already: nothing is written of all',
      async (count) => {
        const database = await open();
        const rows = rowsOf(count);
        await database.write([alike(rows.slice(-1))]);
        expect(await troubleOf(database.write([batch('new'), alike(rows), sums(1)]))).toBe('conflict');
        expect(await database.read('SELECT id FROM batches')).toEqual([]);
        expect(await database.read('SELECT COUNT(*) AS count FROM requests')).toEqual([{ count: 1 }]);
        // What follows is a transaction of its own again.
        expect(await database.write([{ sql: 'DELETE FROM requests' }, alike(rows)])).toEqual([1, count]);
        await database.write([{ sql: 'DELETE FROM requests' }]);
      },
    );

    test('the middle and the high value of each name and of all, to the rank', async () => {
      const database = await open();
      const rows = Array.from({ length: 101 }, (_none, index) => [`b${(index * 37) % 101}`, index]);
      await database.write([{ into: 'batches (id, time)', rows }]);
      const asked = { name: 'time % 2', columns: ['time', 'NULLIF(time, 100)', 'NULLIF(time, time)'], values: [22] };
      const found = await database.ranks({ ...asked, from: 'batches WHERE time >= ?' });
      const byName = new Map(found.map(({ name, ofColumns }) => [name, ofColumns]));
      expect(byName).toEqual(
        new Map([
          [0, [[60, 96], [60, 96], null]],
          [1, [[61, 97], [61, 97], null]],
          [null, [[61, 97], [60, 96], null]],
        ] as const),
      );
      // Of nothing there is no rank.
      const nothing = await database.ranks({ ...asked, from: 'batches WHERE time < 0 * ?' });
      expect(nothing.flatMap(({ ofColumns }) => ofColumns).filter((ranks) => ranks !== null)).toEqual([]);
    });

    test('a survey of very many rows holds up nobody who writes or reads', async () => {
      const database = await open();
      const counting =
        'WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000000) ' +
        'SELECT COUNT(*) AS count FROM numbers';
      // Whoever surveys first has to wait until that has begun.
      expect(await database.survey('SELECT COUNT(*) AS count FROM batches')).toEqual([{ count: 0 }]);
      let isOver = false;
      const survey = database.survey(counting).finally(() => {
        isOver = true;
      });
      for (let index = 0; index < 10; index += 1) await database.write([batch(`batch ${index}`)]);
      expect(await database.read('SELECT COUNT(*) AS count FROM batches')).toEqual([{ count: 10 }]);
      expect(isOver).toBe(false);
      expect(await survey).toEqual([{ count: 2_000_000 }]);
      // It sees what was written before it was asked.
      expect(await database.survey('SELECT COUNT(*) AS count FROM batches')).toEqual([{ count: 10 }]);
    });

    test('a value is never taken for a piece of the statement', async () => {
      const database = await open();
      const hostile = `'; DROP TABLE batches; -- $1 ? "`;
      await database.write([batch(hostile)]);
      expect(await database.read('SELECT id FROM batches WHERE id = ?', [hostile])).toEqual([{ id: hostile }]);
    });

    test('eight that open a new one at once, and write at once, all succeed', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, open));
      await Promise.all(all.map((database) => database.write([sums(1)])));
      expect(await all[0]?.read('SELECT requests FROM day_sums')).toEqual([{ requests: 8 }]);
    });

    test('one of a newer version is refused and left as it is', async () => {
      const before = await open();
      await before.write([batch('kept')]);
      await before.close();
      opened.splice(0);
      await rig.exec('UPDATE relay_schema SET version = 9999');
      expect(await troubleOf(rig.open())).toBe('newer');
      await rig.exec(`UPDATE relay_schema SET version = ${MIGRATIONS.length}`);
      const after = await open();
      expect(await after.read('SELECT id FROM batches')).toEqual([{ id: 'kept' }]);
    });

    test('a mistake of ours is told apart from trouble of the database', async () => {
      const database = await open();
      expect(await troubleOf(database.read('SELECT nothing FROM nowhere'))).toBe('mistake');
      expect(await database.read('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });
};
