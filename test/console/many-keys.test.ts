import type { Context } from 'koa';
import { expect, test } from 'vitest';
import { perLimit } from '../../src/callers/limits.ts';
import { keyRoutes } from '../../src/console/keys.ts';
import type { ClientKey } from '../../src/keys/key.ts';

const NEVER = () => Promise.reject(new Error('never'));
const KEY: ClientKey = {
  ...{
    id: 'key_a',
    name: 'anna',
    prefix: 'gcr_abcd',
    disabled: false,
    createdAt: 0,
    expiresAt: null,
    lastUsedAt: null,
  },
  ...{ models: [], doors: [], limits: perLimit(() => 1), secrets: [] },
};

test('thousands of keys are told with turns for others in between', async () => {
  let rounds = 0;
  let isOver = false;
  const round = (): void => {
    rounds += 1;
    if (!isOver) setImmediate(round);
  };
  setImmediate(round);
  const toldAt = new Set<number>();
  const routes = keyRoutes({
    keyStore: {
      list: () => Promise.resolve(Array.from({ length: 3000 }, () => KEY)),
      ...{ add: NEVER, change: NEVER, rotate: NEVER, remove: NEVER },
    },
    store: {
      ...{ kind: 'sqlite', read: NEVER, survey: NEVER, ranks: NEVER, write: NEVER },
      ...{ opened: () => Promise.resolve(), state: () => ({ ok: true }) },
    },
    counters: {
      useOf: () => {
        toldAt.add(rounds);
        return { used: 0, resetsAt: undefined };
      },
    },
    refresh: NEVER,
    system: { now: () => 0 },
  });
  const list = routes.find(({ method, path }) => method === 'GET' && path === 'keys');
  const answer = (await list?.answer({} as Context, '')) as { keys: readonly object[] };
  isOver = true;
  expect(answer.keys).toHaveLength(3000);
  expect(toldAt.size).toBeGreaterThan(1);
});
