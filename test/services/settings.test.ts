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
