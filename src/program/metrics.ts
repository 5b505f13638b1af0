/** The metrics of a relay: who may read them, and where each is read off. */
import type { OwnerKey } from '../callers/caller.ts';
import type { AppParts } from '../app/app-parts.ts';
import type { Config } from '../config.ts';
import type { QuotaWatch } from '../console/quota.ts';
import type { Parts } from '../parts.ts';
import { adminKeys } from './console.ts';

export const openMetrics = (
  config: Config,
  ownerKeys: readonly OwnerKey[],
  { meter, tokens, transport, door, ledger, formatParts: { signatures, system } }: Parts,
  quota: QuotaWatch,
): NonNullable<AppParts['metrics']> => {
  const keys = [
    ...(config.metricsKey === undefined ? [] : [{ name: 'METRICS_KEY', value: config.metricsKey }]),
    ...adminKeys(config, ownerKeys),
  ];
  const sources = {
    doors: () => door.control.states(),
    refreshes: tokens.refreshes,
    tokenExpiresAt: () => tokens.state().detail.expiresAt,
    look: async () => {
      await quota.look();
    },
    quota: () => quota.known(),
    signatures: signatures.counts,
    connections: () => transport.connections(),
    store: () => ledger.status(),
    now: () => system.now(),
  };
  return { ...meter, open: (porch) => meter.open(sources, keys, porch) };
};
