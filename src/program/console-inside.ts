/** What answers in the console of a relay: each of its routes with what it is given. */
import { connectRoutes } from '../console/connect.ts';
import type { ConsoleInside } from '../console/console.ts';
import { doorRoutes } from '../console/doors.ts';
import { createEvents } from '../console/events.ts';
import { keyRoutes } from '../console/keys.ts';
import { loginRoutes } from '../console/login.ts';
import { modelsRoutes } from '../console/models.ts';
import { readPageFiles } from '../console/page-files.ts';
import type { QuotaWatch } from '../console/quota.ts';
import { settingsRoutes } from '../console/settings.ts';
import { createConsolePage } from '../console/static.ts';
import { statusRoutes } from '../console/status.ts';
import { usageRoutes } from '../console/usage.ts';
import { createKeyStore } from '../keys/key-store.ts';
import type { Parts } from '../parts.ts';
import type { Settings } from '../settings/settings.ts';

export const openInside = (settings: Settings, parts: Parts, quota: QuotaWatch): ConsoleInside => {
  const { config } = settings;
  const { system, upstream, catalogue } = parts.formatParts;
  const { store, ledger } = parts;
  const events = createEvents(
    [
      (tell) =>
        ledger.watch((row) => {
          tell({ event: 'request', row });
        }),
      (tell) =>
        parts.door.control.onChange((row) => {
          tell({ event: 'door', row });
        }),
    ],
    () => config.limits.heartbeatMs,
  );

  return {
    page: createConsolePage(readPageFiles),
    close: () => {
      events.close();
    },
    routes: (porch) => [
      ...statusRoutes(
        {
          version: parts.version,
          upstream: () => parts.door.name,
          doors: () => parts.door.control.states(),
          quota: () => quota.look(),
          store: () => ledger.status(),
          redis: parts.redis,
        },
        porch,
      ),
      ...modelsRoutes({
        catalogue,
        upstream,
        aliases: parts.aliases,
        doorsOf: parts.doorsOf,
        quota: () => quota.known(),
        system,
      }),
      ...usageRoutes({ store, ledger, keepDays: () => config.requestLogDays, system }),
      ...keyRoutes({
        keyStore: createKeyStore(store, system),
        store,
        counters: parts.clients.counters,
        refresh: parts.clients.refresh,
        system,
      }),
      ...doorRoutes(() => parts.door.control),
      ...settingsRoutes(settings, store),
      ...loginRoutes(parts.login),
      ...connectRoutes(config.trustProxyHops),
      ...events.routes(porch.isIn),
    ],
  };
};
