/** The console of a relay: its porch at once, and what answers behind it when it is opened. */
import type { OwnerKey } from '../callers/caller.ts';
import type { Config } from '../config.ts';
import { createConsole } from '../console/console.ts';
import type { Console } from '../console/console.ts';
import type { QuotaWatch } from '../console/quota.ts';
import type { Parts } from '../parts.ts';
import type { Settings } from '../settings/settings.ts';

export const openConsole = (
  settings: Settings,
  ownerKeys: readonly OwnerKey[],
  parts: Parts,
  quota: QuotaWatch,
): Console =>
  createConsole({
    isOn: settings.config.console.isOn,
    keys: adminKeys(settings.config, ownerKeys),
    system: parts.formatParts.system,
    state: parts.state,
    open: async () => (await import('./console-inside.ts')).openInside(settings, parts, quota),
  });

/** ADMIN_KEY where it is set, else the owner's own key. */
export const adminKeys = ({ console: { adminKey } }: Config, ownerKeys: readonly OwnerKey[]): readonly OwnerKey[] =>
  adminKey === undefined ? ownerKeys.filter(({ name }) => OWN.has(name)) : [{ name: 'ADMIN_KEY', value: adminKey }];

/** The keys that are the owner's own. API_KEY and HF_TOKEN are given to programs and places, which get no console for it. */
const OWN: ReadonlySet<string> = new Set(['GEMINI_AUTH_PASSWORD', 'relay-key']);
