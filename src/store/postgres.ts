import type { CustomTypesConfig, Pool, PoolClient } from 'pg';
import { checkChanges, StoreError, toRowsWrite } from './database.ts';
import type { Database, RanksQuestion, StoreTrouble, Value, Write } from './database.ts';
import { HIGH, MIDDLE } from './ranks.ts';
import type { MiddleAndHigh, Ranks } from './ranks.ts';
import { CREATE_VERSION_TABLE, MIGRATIONS, VERSION_TABLE } from './schema.ts';

/** For the console's queries beside the writer. */
const CONNECTIONS = 4;
const CONNECT_MS = 5000;
/** The longest that a statement may take, also while another holds the rows. */
const STATEMENT_MS = 15_000;
/** Any number that other programs do not take for the same purpose; two relays that start at once take turns by it. */
const MIGRATION_LOCK = 7_116_853;
/** PostgreSQL counts the places of a statement in 16 bits. */
const MOST_PLACES = 60_000;

/** A PostgreSQL database. The package is loaded only by who has one. */
export const openPostgresDatabase = async (url: string): Promise<Database> => {
  const { default: pg } = await import('pg');
  const { getTypeParser } = pg.types;
  const types: CustomTypesConfig = {
    // Counts and milliseconds: far below what a double holds exactly.
    getTypeParser: (oid, format) => (COUNTS.has(oid) ? Number : (getTypeParser(oid, format) as () => unknown)),
  };
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + CONNECT_MS,
    application_name: 'gemini-cli-relay',
    allowExitOnIdle: true,
    types,
  });
  // A connection that fails while nobody uses it: the next one that is asked for is a new one.
  pool.on('error', () => undefined);
  // One that fails while it is used, between two statements: the pool does not listen then, and the process would end.
  // The next statement fails, and tells.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  try {
    await inTransaction(pool, migrate);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const read: Database['read'] = (sql, values = []) =>
    guarded(async () => (await pool.query<Record<string, Value>>(numbered(sql), [...values])).rows);
  return {
    write: (writes) =>
      inTransaction(pool, async (client) => {
        const changes: number[] = [];
        for (const write of writes) changes.push(await run(client, write));
        return changes;
      }),
    read,
    // Each asks by a connection of its own.
    survey: read,
    ranks: (question) => guarded(() => readRanks(pool, question)),
    close: () => pool.end(),
  };
};

/** The numbers of PostgreSQL's types int8 and numeric. */
const COUNTS: ReadonlySet<number> = new Set([20, 1700]);

const readRanks = async (pool: Pool, { name, columns, from, values }: RanksQuestion): Promise<readonly Ranks[]> => {
  const shares = `ARRAY[${MIDDLE}, ${HIGH}]`;
  // As doubles: lists of counts come as text.
  const ranked = columns.map(
    (column, at) =>
      `CAST(percentile_disc(${shares}) WITHIN GROUP (ORDER BY ${column}) AS double precision[]) AS r${at}`,
  );
  const rows = `SELECT ${[`${name} AS name`, ...columns].join(', ')} FROM ${from}`;
  const sql = `SELECT name, ${ranked.join(', ')} FROM (${rows}) AS asked GROUP BY GROUPING SETS ((name), ())`;
  const found = await pool.query<Record<string, string | number | MiddleAndHigh | null>>(numbered(sql), [...values]);
  return found.rows.map((row) => ({
    name: typeof row['name'] === 'object' ? null : (row['name'] ?? null),
    ofColumns: columns.map((_column, at) => {
      const ranks = row[`r${at}`];
      return typeof ranks === 'object' ? ranks : null;
    }),
  }));
};

const run = async (client: PoolClient, write: Write): Promise<number> => {
  if ('sql' in write) {
    const changed = (await client.query(numbered(write.sql), [...(write.values ?? [])])).rowCount ?? 0;
    checkChanges(write, changed);
    return changed;
  }
  const { into, rows, onConflict = '' } = toRowsWrite(write);
  const width = rows[0]?.length ?? 0;
  if (width === 0) return 0;
  const atOnce = Math.floor(MOST_PLACES / width);
  let changes = 0;
  for (let from = 0; from < rows.length; from += atOnce) {
    const some = rows.slice(from, from + atOnce);
    const places = some.map((_row, index) => `(${placesFrom(index * width, width)})`).join(', ');
    const sql = `INSERT INTO ${into} VALUES ${places} ${onConflict}`;
    changes += (await client.query(sql, some.flat())).rowCount ?? 0;
  }
  return changes;
};

const placesFrom = (before: number, count: number): string =>
  Array.from({ length: count }, (_none, index) => `$${before + index + 1}`).join(', ');

/** `?` as `$1`, `$2`, …: our statements have no question mark but these. */
const numbered = (sql: string): string => {
  let count = 0;
  return sql.replaceAll('?', () => `$${(count += 1)}`);
};

const migrate = async (client: PoolClient): Promise<void> => {
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const { rows } = await client.query<{ found: string | null }>('SELECT to_regclass($1) AS found', [VERSION_TABLE]);
  const isNew = rows[0]?.found === null;
  if (isNew) {
    await client.query(CREATE_VERSION_TABLE);
    await client.query(`INSERT INTO ${VERSION_TABLE} VALUES (0)`);
  }
  const known = await client.query<{ version: number }>(`SELECT version FROM ${VERSION_TABLE}`);
  const version = known.rows[0]?.version ?? 0;
  if (version > MIGRATIONS.length) {
    throw new StoreError('newer', `The database has version ${version}, this relay knows ${MIGRATIONS.length}.`);
  }
  const missing = MIGRATIONS.slice(version);
  if (missing.length === 0) return;
  for (const statement of missing.flat()) await client.query(statement);
  await client.query(`UPDATE ${VERSION_TABLE} SET version = $1`, [MIGRATIONS.length]);
};

const inTransaction = <Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> =>
  guarded(async () => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((failed: unknown) => {
        broken = failed instanceof Error ? failed : new Error(String(failed));
      });
      throw error;
    } finally {
      // One that cannot roll back is not given to the next.
      client.release(broken);
    }
  });

const guarded = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StoreError ? error : toStoreError(error);
  }
};

/** PostgreSQL's codes, by their class or whole (appendix A of its manual). */
const TROUBLES: Readonly<Record<string, StoreTrouble>> = {
  '23505': 'conflict',
  '25006': 'read_only',
  // Two relays that added to the same rows in another order, and one had to give way: it is tried again.
  '40': 'locked',
  '28': 'denied',
  '3D': 'denied',
  '42501': 'denied',
  '53': 'full',
  '53300': 'unreachable',
  // A database that takes no connections for now.
  '55000': 'unreachable',
  '55P03': 'locked',
  '57014': 'locked',
  '57': 'unreachable',
  '08': 'unreachable',
  XX: 'corrupt',
};

const toStoreError = (error: unknown): StoreError => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  const trouble =
    typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
      ? (TROUBLES[code] ?? TROUBLES[code.slice(0, 2)] ?? 'mistake')
      : 'unreachable';
  return new StoreError(trouble, message ?? String(error), error);
};
