/** Client keys in the database: every change in one transaction, with the sign by which running relays see it. */
import { LIMIT_NAMES, perLimit } from '../callers/limits.ts';
import type { Limits } from '../callers/limits.ts';
import { StoreError } from '../store/database.ts';
import type { Row, Value, Write } from '../store/database.ts';
import type { Store } from '../store/store.ts';
import type { System } from '../system.ts';
import { keptOf, newSecret, OWNERS_NAMES } from './key.ts';
import type { ClientKey, KeptSecret, KeySettings } from './key.ts';

export interface KeyStore {
  /** By their names. */
  list(): Promise<readonly ClientKey[]>;
  add(name: string, settings: KeySettings): Promise<NewKey>;
  /** Only what is given is changed. */
  change(name: string, changes: KeyChanges): Promise<ClientKey>;
  /** A new secret; all former ones end within the overlap. */
  rotate(name: string, overlapMs: number): Promise<NewKey>;
  remove(name: string): Promise<void>;
}

export interface KeyChanges extends Partial<Omit<KeySettings, 'limits'>> {
  readonly limits?: Partial<Limits>;
  readonly disabled?: boolean;
}

/** The only moment in which the secret is known. */
export interface NewKey {
  readonly key: ClientKey;
  readonly secret: string;
}

/** What the owner asked for cannot be done: no fault of the database's. */
export class KeyError extends Error {
  readonly trouble: 'unknown' | 'taken';

  constructor(trouble: 'unknown' | 'taken', message: string) {
    super(message);
    this.name = 'KeyError';
    this.trouble = trouble;
  }
}

const KEY_COLUMNS = [
  ...(['id', 'name', 'disabled', 'created_at', 'expires_at', 'models', 'doors'] as const),
  ...LIMIT_NAMES,
];

/** The first of each change: whoever holds this row of PostgreSQL changes alone, and sees what was changed before. */
const CHANGED: Write = { sql: 'UPDATE client_key_state SET keys_version = keys_version + 1' };

export const createKeyStore = (store: Pick<Store, 'read' | 'write'>, system: System): KeyStore => {
  const named = async (name: string): Promise<ClientKey> => {
    const [key] = await readKeys(store, name);
    if (!key) throw new KeyError('unknown', `There is no key called ${name}.`);
    return key;
  };
  /** Of a key that is there still: it may have been removed meanwhile. */
  const insertSecret = (id: string, { digest, prefix }: KeptSecret): Write => ({
    sql:
      'INSERT INTO client_key_secrets (digest, key_id, prefix, ends_at) ' +
      'SELECT ?, id, ?, NULL FROM client_keys WHERE id = ?',
    values: [digest, prefix, id],
  });

  return {
    list: () => readKeys(store),
    add: async (name, settings) => {
      const secret = newSecret();
      const kept = keptOf(secret);
      const id = system.newId('key_');
      const { models, doors, expiresAt, limits } = settings;
      const row = [id, name, 0, system.now(), expiresAt, JSON.stringify(models), JSON.stringify(doors)];
      if (OWNERS_NAMES.includes(name)) throw taken(name);
      try {
        await store.write([
          CHANGED,
          {
            into: `client_keys (${KEY_COLUMNS.join(', ')})`,
            rows: [[...row, ...LIMIT_NAMES.map((limit) => limits[limit])]],
          },
          insertSecret(id, kept),
        ]);
      } catch (error) {
        throw error instanceof StoreError && error.trouble === 'conflict' ? taken(name) : error;
      }
      return { key: await named(name), secret };
    },
    change: async (name, changes) => {
      const { id } = await named(name);
      const { models, doors, expiresAt, limits, disabled } = changes;
      const columns: [string, Value][] = [];
      if (models) columns.push(['models', JSON.stringify(models)]);
      if (doors) columns.push(['doors', JSON.stringify(doors)]);
      if (expiresAt !== undefined) columns.push(['expires_at', expiresAt]);
      if (disabled !== undefined) columns.push(['disabled', disabled ? 1 : 0]);
      for (const limit of LIMIT_NAMES) {
        const most = limits?.[limit];
        if (most !== undefined) columns.push([limit, most]);
      }
      await store.write([
        CHANGED,
        {
          sql: `UPDATE client_keys SET ${columns.map(([column]) => `${column} = ?`).join(', ')} WHERE id = ?`,
          values: [...columns.map(([, value]) => value), id],
        },
      ]);
      return named(name);
    },
    rotate: async (name, overlapMs) => {
      const { id } = await named(name);
      const secret = newSecret();
      const endsAt = system.now() + overlapMs;
      await store.write([
        CHANGED,
        { sql: 'DELETE FROM client_key_secrets WHERE key_id = ? AND ends_at <= ?', values: [id, system.now()] },
        // None that was to end sooner lives longer for it.
        {
          sql: 'UPDATE client_key_secrets SET ends_at = ? WHERE key_id = ? AND (ends_at IS NULL OR ends_at > ?)',
          values: [endsAt, id, endsAt],
        },
        insertSecret(id, keptOf(secret)),
      ]);
      return { key: await named(name), secret };
    },
    remove: async (name) => {
      const { id } = await named(name);
      const of = ['client_key_secrets', 'client_key_counts', 'client_key_uses'];
      await store.write([
        CHANGED,
        ...of.map((table) => ({ sql: `DELETE FROM ${table} WHERE key_id = ?`, values: [id] })),
        { sql: 'DELETE FROM client_keys WHERE id = ?', values: [id] },
      ]);
    },
  };
};

const taken = (name: string): KeyError =>
  new KeyError('taken', `There is a key called ${name} already. Take another name, or give that one a new secret.`);

/** All, or the one of this name. */
const readKeys = async (store: Pick<Store, 'read'>, name?: string): Promise<readonly ClientKey[]> => {
  if (name !== undefined) return readSome(store, 'WHERE name = ?', [name]);
  return (await Array.fromAsync(readKeyPages(store))).flat();
};

const PAGE_KEYS = 1000;

/** By their names, a thousand at a time, and others are served between two pages: a million take seconds in all. */
export const readKeyPages = async function* (
  store: Pick<Store, 'read'>,
): AsyncGenerator<readonly ClientKey[], void, undefined> {
  for (let last = ''; ;) {
    const page = await readSome(store, `WHERE name > ? ORDER BY name LIMIT ${PAGE_KEYS}`, [last]);
    yield page;
    if (page.length < PAGE_KEYS) return;
    last = page.at(-1)?.name ?? '';
  }
};

const readSome = async (
  store: Pick<Store, 'read'>,
  which: string,
  values: readonly Value[],
): Promise<readonly ClientKey[]> => {
  const rows = await store.read(
    `SELECT ${KEY_COLUMNS.join(', ')}, last_used_at FROM client_keys
      LEFT JOIN client_key_uses ON key_id = id ${which}`,
    values,
  );
  const secrets = await store.read(
    `SELECT key_id, digest, prefix, ends_at FROM client_key_secrets
      WHERE key_id IN (SELECT id FROM client_keys ${which})`,
    values,
  );
  const byKey = Map.groupBy(secrets, ({ key_id: id }) => id);
  return rows.map((row) => toKey(row, byKey.get(row['id'] ?? null) ?? []));
};

const toKey = (row: Row, secretRows: readonly Row[]): ClientKey => {
  const secrets = secretRows
    .map((secret) => ({
      digest: toText(secret['digest']),
      prefix: toText(secret['prefix']),
      endsAt: toNumber(secret['ends_at']),
    }))
    .sort((one, other) => (one.endsAt ?? Infinity) - (other.endsAt ?? Infinity));
  return {
    id: toText(row['id']),
    name: toText(row['name']),
    prefix: secrets.at(-1)?.prefix ?? '',
    disabled: row['disabled'] !== 0,
    createdAt: toNumber(row['created_at']) ?? 0,
    expiresAt: toNumber(row['expires_at']),
    lastUsedAt: toNumber(row['last_used_at']),
    models: toList(row['models']),
    doors: toList(row['doors']),
    limits: perLimit((limit) => toNumber(row[limit])),
    secrets,
  };
};

const toText = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
const toNumber = (value: Value | undefined): number | null => (typeof value === 'number' ? value : null);
const toList = (value: Value | undefined): readonly string[] => {
  const read: unknown = JSON.parse(toText(value));
  return Array.isArray(read) ? read.filter((item) => typeof item === 'string') : [];
};
