/** The console of a relay: what each of its routes is given. */
import type { OwnerKey } from '../callers/caller.ts';
import type { Config } from '../config.ts';
import { connectRoutes } from '../console/connect.ts';
import { createConsole } from '../console/console.ts';
import type { Console } from '../console/console.ts';
import { createEvents } from '../console/events.ts';
import { keyRoutes } from '../console/keys.ts';
import { doorRoutes } from '../console/doors.ts';
import { settingsRoutes } from '../console/settings.ts';
import type { QuotaWatch } from '../console/quota.ts';
import { loginRoutes } from '../console/login.ts';
import { modelsRoutes } from '../console/models.ts';
import { readPageFiles } from '../console/page-files.ts';
import { createConsolePage } from '../console/static.ts';
import { statusRoutes } from '../console/status.ts';
import { usageRoutes } from '../console/usage.ts';
import { createKeyStore } from '../keys/key-store.ts';
import type { Parts } from '../parts.ts';
import type { Settings } from '../settings/settings.ts';

export const openConsole = (
  settings: Settings,
  ownerKeys: readonly OwnerKey[],
  parts: Parts,
  quota: QuotaWatch,
): Console => {
  const { config } = settings;
  const { system, upstream, catalogue } = parts.formatParts;
  const { isOn } = config.console;
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

  return createConsole({
    isOn,
    keys: adminKeys(config, ownerKeys),
    system,
    state: parts.state,
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
      ...events.routes,
    ],
  });
};

/** ADMIN_KEY where it is set, else the owner's own key. */
export const adminKeys = ({ console: { adminKey } }: Config, ownerKeys: readonly OwnerKey[]): readonly OwnerKey[] =>
  adminKey === undefined ? ownerKeys.filter(({ name }) => OWN.has(name)) : [{ name: 'ADMIN_KEY', value: adminKey }];

/** The keys that are the owner's own. API_KEY and HF_TOKEN are given to programs and places, which get no console for it. */
const OWN: ReadonlySet<string> = new Set(['GEMINI_AUTH_PASSWORD', 'relay-key']);
