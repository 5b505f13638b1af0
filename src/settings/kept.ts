/** What was changed on the page, in the database. */
import { hash } from 'node:crypto';
import type { Write } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { PageValues } from './written.ts';

export type SettingsStore = Pick<Store, 'kind' | 'isNew' | 'read' | 'write' | 'opened' | 'state' | 'onReady'>;

export const readKept = async (store: SettingsStore): Promise<PageValues> => {
  const rows = await store.read('SELECT name, value FROM settings ORDER BY name');
  return new Map(rows.map(({ name, value }) => [String(name), String(value)]));
};

/**
 * All of them or none; null takes one away. With `known`, none where one of them is not what it was by that: a StoreError
 * `conflict` then, also for who changes it at the same moment.
 */
export const writeKept = async (
  store: SettingsStore,
  changes: ReadonlyMap<string, string | null>,
  now: number,
  known?: PageValues,
): Promise<void> => {
  // In one order: two who change the same at once wait for one another, and not each for the other.
  const writes = [...changes]
    .sort(byName)
    .map(([name, value]) => (known ? toWriteFrom(known.get(name), name, value, now) : toWrite(name, value, now)));
  await store.write(writes);
};

const COLUMNS = 'settings (name, value, changed_at)';

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

const toWrite = (name: string, value: string | null, now: number): Write =>
  value === null
    ? { sql: 'DELETE FROM settings WHERE name = ?', values: [name] }
    : {
        into: COLUMNS,
        rows: [[name, value, now]],
        onConflict: 'ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at',
      };

/** The same, where the row is as it was known. */
const toWriteFrom = (known: string | undefined, name: string, value: string | null, now: number): Write => {
  if (known === undefined) {
    return value === null
      ? { sql: 'DELETE FROM settings WHERE name = ?', values: [name], changes: 0 }
      : { into: COLUMNS, rows: [[name, value, now]] };
  }
  return value === null
    ? { sql: 'DELETE FROM settings WHERE name = ? AND value = ?', values: [name, known], changes: 1 }
    : {
        sql: 'UPDATE settings SET value = ?, changed_at = ? WHERE name = ? AND value = ?',
        values: [value, now, name, known],
        changes: 1,
      };
};

/** What tells one state of them from another, at each relay on the same database. No secret is among them. */
export const versionOf = (page: PageValues): string =>
  hash('sha256', JSON.stringify([...page].sort(byName)), 'base64url').slice(0, 22);

export const isSame = (one: PageValues, other: PageValues): boolean =>
  one.size === other.size && [...one].every(([name, value]) => other.get(name) === value);
