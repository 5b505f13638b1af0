/** A database in trouble while keys with limits ask: memory decides, and what was used is written when it is back. */
import { expect } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { startRelay } from '../support/relay.ts';
import type { TestRelay } from '../support/relay.ts';
import { databaseOf, makeKey } from './people.ts';
import { eventually } from '../support/eventually.ts';

const ask = async (relay: TestRelay, secret: string): Promise<number> => {
  const body = { model: 'gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] };
  const response = await relay.post('/v1/chat/completions', body, { headers: { authorization: `Bearer ${secret}` } });
  await response.arrayBuffer();
  return response.status;
};

/** Done to the database of a relay that serves; gives what undoes it. */
export type Begin = (relay: TestRelay) => Promise<() => Promise<void>>;

/** Keys that are known go on with their limits, strangers stay out, and all of it is counted afterwards. */
export const goOnWithout = async (trouble: string, begin: Begin, env?: Environment): Promise<void> => {
  const relay = await startRelay({ env: env ?? { DATABASE_URL: undefined } });
  try {
    const { store } = relay.relay.parts;
    const { secret } = await makeKey(env ?? databaseOf(relay), '--requests-per-day', '6');
    await eventually(async () => {
      expect((await relay.fetch('/v1/models', { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
    });
    expect(await ask(relay, secret)).toBe(200);
    const end = await begin(relay);
    const owners: number[] = [];
    await eventually(async () => {
      owners.push(await ask(relay, relay.key));
      expect(store.state()).toMatchObject({ ok: false, trouble });
    }, 100);
    expect(new Set(owners)).toEqual(new Set([200]));
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1) statuses.push(await ask(relay, secret));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    // Who has looked for the new key before the relay knew of it has been guessing.
    expect([401, 429]).toContain(await ask(relay, `${secret}x`));

    await end();
    await eventually(async () => {
      expect(store.state()).toEqual({ ok: true });
      const sql = 'SELECT requests FROM client_key_counts WHERE LENGTH(period) = 7';
      expect(await store.read(sql)).toEqual([{ requests: 6 }]);
    }, 200);
    expect(await ask(relay, secret)).toBe(429);
  } finally {
    await relay.close();
  }
};
