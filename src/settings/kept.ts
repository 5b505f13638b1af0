/** What was changed on the page, in the database. */
import type { Store } from '../store/store.ts';
import type { PageValues } from './written.ts';

export type SettingsStore = Pick<Store, 'kind' | 'isNew' | 'read' | 'write' | 'opened' | 'state' | 'onReady'>;

export const readKept = async (store: SettingsStore): Promise<PageValues> => {
  const rows = await store.read('SELECT name, value FROM settings ORDER BY name');
  return new Map(rows.map(({ name, value }) => [String(name), String(value)]));
};

/** All of them or none; null takes one away. */
export const writeKept = async (
  store: SettingsStore,
  changes: ReadonlyMap<string, string | null>,
  now: number,
): Promise<void> => {
  const kept = [...changes].filter((change): change is [string, string] => change[1] !== null);
  await store.write([
    ...Array.from(changes.keys(), (name) => ({ sql: 'DELETE FROM settings WHERE name = ?', values: [name] })),
    ...(kept.length > 0
      ? [{ into: 'settings (name, value, changed_at)', rows: kept.map(([name, value]) => [name, value, now]) }]
      : []),
  ]);
};

export const isSame = (one: PageValues, other: PageValues): boolean =>
  one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
