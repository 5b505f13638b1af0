/** Weeks of usage that never was, for the demo: what somebody sees who has kept a relay for a while. */
import { perLimit } from '../callers/limits.ts';
import { batchWrites } from '../keys/counts-store.ts';
import { createKeyStore } from '../keys/key-store.ts';
import { createCalendar } from '../keys/spans.ts';
import type { Parts } from '../parts.ts';
import { DAY_MS } from '../usage/day-sums.ts';
import { writeSampleRequests } from '../usage/sample.ts';

const KEYS = ['laptop', 'phone', 'home-assistant', 'team-bot'] as const;

export const writeSampleData = async ({ store, formatParts, ledger }: Parts, door: string): Promise<void> => {
  const { system } = formatParts;
  await store.opened();
  const keys = createKeyStore(store, system);
  const ids = new Map<string, string>();
  for (const name of KEYS) {
    const limits = perLimit((limit) => (name === 'team-bot' && limit === 'requests_per_day' ? 500 : null));
    const models = name === 'phone' ? ['gemini-*flash*'] : [];
    const { key } = await keys.add(name, { models, doors: [], expiresAt: null, limits });
    ids.set(name, key.id);
  }
  const requests = await writeSampleRequests({ store, system, door, keys: KEYS });

  const now = system.now();
  const { day } = createCalendar()(now);
  const uses = new Map<string, number>();
  const today = new Map<string, number>();
  for (const { key, time } of requests) {
    const id = ids.get(key);
    if (id === undefined) continue;
    uses.set(id, time);
    if (time >= day.endsAt - DAY_MS) today.set(id, (today.get(id) ?? 0) + 1);
  }
  // Nothing but requests is limited here.
  const counts = Array.from(today, ([id, count]) => ({
    ...{ id, period: day.name, endsAt: day.endsAt },
    ...{ requests: count, tokens: 0, costNanos: 0 },
  }));
  await store.write(batchWrites({ id: system.newId('batch_'), counts, uses }, now));
  await ledger.flush();
};
