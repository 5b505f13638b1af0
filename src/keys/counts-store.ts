/** What was used, in the database: several relays add to the same rows, and each sees what the others have added. */
import type { Value, Write } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { UnsavedCount } from './memory-counters.ts';
import type { Sums } from './meter.ts';

/** What is written at once. Tried until it is known to be written: its id sees to it that it counts once. */
export interface Batch {
  readonly id: string;
  readonly counts: readonly UnsavedCount[];
  readonly uses: ReadonlyMap<string, number>;
}

export interface SavedCount extends Sums {
  readonly id: string;
  readonly period: string;
  readonly endsAt: number;
}

/** A change of keys, a change of counts: each raises its number. */
export interface Versions {
  readonly keys: number;
  readonly counts: number;
}

const COUNTS = ['requests', 'tokens', 'cost_nanos'];
/** A call that began in a span may end after it. */
const KEPT_AFTER_MS = 3_600_000;

export const readVersions = async (store: Pick<Store, 'read'>): Promise<Versions> => {
  const [row] = await store.read('SELECT keys_version, counts_version FROM client_key_state');
  return { keys: Number(row?.['keys_version'] ?? 0), counts: Number(row?.['counts_version'] ?? 0) };
};

export const batchWrites = ({ id, counts, uses }: Batch, now: number): readonly Write[] => [
  { into: 'batches (id, time)', rows: [[id, now]] },
  // Who holds this row writes alone, so that versions become visible in their order.
  { sql: 'UPDATE client_key_state SET counts_version = counts_version + 1' },
  ...(counts.length === 0 ? [] : [addCounts(counts), NEW_VERSION]),
  ...(uses.size === 0 ? [] : [noteUses(uses)]),
];

const addCounts = (counts: readonly UnsavedCount[]): Write => ({
  into: `client_key_counts (key_id, period, ends_at, version, ${COUNTS.join(', ')})`,
  rows: counts.map(({ id, period, endsAt, requests, tokens, costNanos }) => [
    ...([id, period, endsAt, 0] satisfies Value[]),
    ...[requests, tokens, costNanos],
  ]),
  onConflict:
    'ON CONFLICT (key_id, period) DO UPDATE SET version = 0, ' +
    COUNTS.map((count) => `${count} = client_key_counts.${count} + excluded.${count}`).join(', '),
});

const NEW_VERSION: Write = {
  sql: 'UPDATE client_key_counts SET version = (SELECT counts_version FROM client_key_state) WHERE version = 0',
};

const noteUses = (uses: ReadonlyMap<string, number>): Write => ({
  into: 'client_key_uses (key_id, last_used_at)',
  rows: [...uses],
  onConflict:
    'ON CONFLICT (key_id) DO UPDATE SET last_used_at = CASE ' +
    'WHEN excluded.last_used_at > client_key_uses.last_used_at THEN excluded.last_used_at ' +
    'ELSE client_key_uses.last_used_at END',
});

export const forgetOver = (now: number): Write => ({
  sql: 'DELETE FROM client_key_counts WHERE ends_at < ?',
  values: [now - KEPT_AFTER_MS],
});

/** Those that have changed since, and that still matter. */
export const readCounts = async (
  store: Pick<Store, 'read'>,
  since: number,
  now: number,
): Promise<readonly SavedCount[]> => {
  const rows = await store.read(
    `SELECT key_id, period, ends_at, ${COUNTS.join(', ')} FROM client_key_counts WHERE version > ? AND ends_at > ?`,
    [since, now],
  );
  return rows.map((row) => ({
    id: String(row['key_id']),
    period: String(row['period']),
    endsAt: Number(row['ends_at']),
    requests: Number(row['requests']),
    tokens: Number(row['tokens']),
    costNanos: Number(row['cost_nanos']),
  }));
};
