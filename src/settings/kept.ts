/** What was changed on the page, in the database. */
import type { Write } from '../store/database.ts';
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
  // In one order: two who change the same at once wait for one another, and not each for the other.
  await store.write([...changes].sort(byName).map(([name, value]) => toWrite(name, value, now)));
};

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

const toWrite = (name: string, value: string | null, now: number): Write =>
  value === null
    ? { sql: 'DELETE FROM settings WHERE name = ?', values: [name] }
    : {
        into: 'settings (name, value, changed_at)',
        rows: [[name, value, now]],
        onConflict: 'ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at',
      };

export const isSame = (one: PageValues, other: PageValues): boolean =>
  one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
