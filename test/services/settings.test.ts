/** Settings that two relays change at one time, over PostgreSQL. */
import { expect, test } from 'vitest';
import { readKept, writeKept } from '../../src/settings/kept.ts';
import { overPostgres } from './over-postgres.ts';

const createRig = overPostgres('settings');

test('the same ones, in either order, set and taken away: all are taken, and one of each is left', async () => {
  const rig = await createRig();
  const stores = [await rig.open(), await rig.open()] as const;
  const [one, other] = stores;
  for (let round = 0; round < 20; round += 1) {
    const [low, high] = [String(round), String(round + 100)];
    await Promise.all([
      writeKept(
        one,
        new Map([
          ['REQUEST_LOG_DAYS', low],
          ['MAX_RETRIES', null],
          ['LOG_LEVEL', low],
        ]),
        1,
      ),
      writeKept(
        other,
        new Map([
          ['LOG_LEVEL', high],
          ['MAX_RETRIES', high],
          ['REQUEST_LOG_DAYS', high],
        ]),
        1,
      ),
    ]);
    const kept = await readKept(one);
    expect([low, high]).toContain(kept.get('LOG_LEVEL'));
    // All of one change or all of the other.
    expect(kept.get('REQUEST_LOG_DAYS')).toBe(kept.get('LOG_LEVEL'));
    expect(kept.get('MAX_RETRIES')).toBe(kept.get('LOG_LEVEL') === high ? high : undefined);
  }
  await Promise.all(stores.map((store) => store.close()));
});

test('of two who change the same from what both have seen, one is told that the other was first', async () => {
  const rig = await createRig();
  const stores = [await rig.open(), await rig.open()] as const;
  const [one] = stores;
  // Made, replaced, and taken away: each time from the same beginning.
  const values = [null, 'known'] as const;
  for (const [known, next] of values.flatMap((from) => ['low', 'high', null].map((to) => [from, to] as const))) {
    await writeKept(one, new Map([['MAX_RETRIES', known]]), 1);
    const page = await readKept(one);
    const results = await Promise.allSettled(
      [next, 'mine'].map((value, index) =>
        writeKept(
          stores[index] ?? one,
          new Map([
            ['LOG_LEVEL', `of ${index}`],
            ['MAX_RETRIES', value],
          ]),
          2,
          page,
        ),
      ),
    );
    const kept = await readKept(one);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    expect(refused).toEqual([expect.objectContaining({ trouble: 'conflict' })]);
    // All of the first change, nothing of the other.
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(kept.get('MAX_RETRIES')).toBe((winner === 0 ? next : 'mine') ?? undefined);
    expect(kept.get('LOG_LEVEL')).toBe(`of ${winner}`);
    await writeKept(one, new Map([['LOG_LEVEL', null]]), 3);
  }
  await Promise.all(stores.map((store) => store.close()));
});
