/** Who made what at Google, in the database. */
import type { Row } from '../../store/database.ts';
import type { Store } from '../../store/store.ts';

export interface KeptResource {
  readonly name: string;
  readonly collection: string;
  /** Of the key or login that has it. */
  readonly identity: string;
  readonly owner: string;
  readonly madeAt: number;
  readonly endsAt: number;
  readonly note?: string | undefined;
}

export interface ResourceTable {
  load(name: string): Promise<KeptResource | undefined>;
  list(owner: string, collection: string): Promise<readonly KeptResource[]>;
  save(resources: readonly KeptResource[], now: number): Promise<void>;
  /** Gives it a note where it has none: of several who do so at a time it is true for one. */
  noteFirst(name: string, owner: string, note: string): Promise<boolean>;
  forget(name: string): Promise<void>;
  onReady(listener: () => void): void;
}

const COLUMNS = 'name, collection, identity, owner, made_at, ends_at, note';
/** Of one owner the newest stay. */
const MOST_OF_ONE = 10_000;

export const createResourceTable = (store: Pick<Store, 'read' | 'write' | 'onReady'>): ResourceTable => ({
  load: async (name) => {
    const [row] = await store.read(`SELECT ${COLUMNS} FROM resources WHERE name = ?`, [name]);
    return row && toResource(row);
  },
  list: async (owner, collection) =>
    (
      await store.read(
        `SELECT ${COLUMNS} FROM resources WHERE owner = ? AND collection = ? ORDER BY made_at DESC, name`,
        [owner, collection],
      )
    ).map(toResource),
  save: async (resources, now) => {
    const owners = [...new Set(resources.map(({ owner }) => owner))];
    await store.write([
      {
        into: `resources (${COLUMNS})`,
        rows: resources.map(({ name, collection, identity, owner, madeAt, endsAt, note }) => [
          ...[name, collection, identity, owner, madeAt, endsAt, note ?? null],
        ]),
        onConflict: REPLACE,
      },
      { sql: 'DELETE FROM resources WHERE ends_at <= ?', values: [now] },
      // Where there are fewer, the oldest to stay is NULL, and nothing is older than that.
      ...owners.map((owner) => ({ sql: DELETE_OLDEST, values: [owner, owner] })),
    ]);
  },
  noteFirst: async (name, owner, note) => {
    const sql = 'UPDATE resources SET note = ? WHERE name = ? AND owner = ? AND note IS NULL';
    const [noted] = await store.write([{ sql, values: [note, name, owner] }]);
    return noted === 1;
  },
  forget: async (name) => {
    await store.write([{ sql: 'DELETE FROM resources WHERE name = ?', values: [name] }]);
  },
  onReady: (listener) => {
    store.onReady(listener);
  },
});

/** A note stays: whoever writes the rest anew may not know of it. */
const REPLACE = `ON CONFLICT (name) DO UPDATE SET ${['collection', 'identity', 'owner', 'made_at', 'ends_at']
  .map((column) => `${column} = excluded.${column}`)
  .join(', ')}, note = COALESCE(excluded.note, resources.note)`;

const DELETE_OLDEST =
  'DELETE FROM resources WHERE owner = ? AND made_at < ' +
  `(SELECT made_at FROM resources WHERE owner = ? ORDER BY made_at DESC LIMIT 1 OFFSET ${MOST_OF_ONE - 1})`;

const toResource = (row: Row): KeptResource => ({
  name: String(row['name']),
  collection: String(row['collection']),
  identity: String(row['identity']),
  owner: String(row['owner']),
  madeAt: Number(row['made_at']),
  endsAt: Number(row['ends_at']),
  note: typeof row['note'] === 'string' ? row['note'] : undefined,
});
