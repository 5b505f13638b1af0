/** Weeks of usage that never was, for the demo: what somebody sees who has kept a relay for a while. */
import { perLimit } from '../callers/limits.ts';
import { createKeyStore } from '../keys/key-store.ts';
import type { Parts } from '../parts.ts';
import { writeSampleRequests } from '../usage/sample.ts';

const KEYS = ['laptop', 'phone', 'home-assistant', 'team-bot'] as const;

export const writeSampleData = async ({ store, formatParts, ledger }: Parts, door: string): Promise<void> => {
  const { system } = formatParts;
  await store.opened();
  const keys = createKeyStore(store, system);
  for (const name of KEYS) {
    const limits = perLimit((limit) => (name === 'team-bot' && limit === 'requests_per_day' ? 500 : null));
    await keys.add(name, { models: name === 'phone' ? ['gemini-*flash*'] : [], doors: [], expiresAt: null, limits });
  }
  await writeSampleRequests({ store, system, door, keys: KEYS });
  await ledger.flush();
};
