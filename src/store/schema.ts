/**
 * The tables, as they came to be: a migration that was released is never changed, a new one is added behind it. Both
 * engines read this one text; SQLite takes the names of PostgreSQL's types.
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // Costs in billionths of a dollar: whole numbers, so that sums and rows are equal to the last digit.
    // `place` orders the rows and is drawn by the relay: ids of requests are the clients' own and may come twice.
    `CREATE TABLE requests (
      place TEXT PRIMARY KEY, id TEXT NOT NULL, time BIGINT NOT NULL, key TEXT NOT NULL, door TEXT, format TEXT,
      route TEXT, model TEXT, served_model TEXT, stream BIGINT NOT NULL, status BIGINT NOT NULL, reason TEXT,
      ms DOUBLE PRECISION NOT NULL, first_ms DOUBLE PRECISION, input_tokens BIGINT NOT NULL,
      cached_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL, thought_tokens BIGINT NOT NULL,
      cost_nanos BIGINT, retries BIGINT NOT NULL, client TEXT
    )`,
    'CREATE INDEX requests_time ON requests (time)',
    'CREATE INDEX requests_key_time ON requests (key, time)',
    // Empty text stands for what is not known, so that it can be part of the primary key.
    `CREATE TABLE day_sums (
      day TEXT NOT NULL, key TEXT NOT NULL, model TEXT NOT NULL, door TEXT NOT NULL, format TEXT NOT NULL,
      requests BIGINT NOT NULL, errors BIGINT NOT NULL, input_tokens BIGINT NOT NULL, cached_tokens BIGINT NOT NULL,
      output_tokens BIGINT NOT NULL, thought_tokens BIGINT NOT NULL, cost_nanos BIGINT NOT NULL,
      unpriced BIGINT NOT NULL,
      PRIMARY KEY (day, key, model, door, format)
    )`,
    // Batches that were written: one whose answer got lost is tried again, and must not count twice.
    'CREATE TABLE batches (id TEXT PRIMARY KEY, time BIGINT NOT NULL)',
  ],
  [
    // `model` is empty for all models of a door; without `closed_until` it is closed until its owner says otherwise.
    `CREATE TABLE door_states (
      door TEXT NOT NULL, model TEXT NOT NULL, identity TEXT NOT NULL, cause TEXT, closed_from BIGINT,
      closed_until BIGINT, failures BIGINT NOT NULL, is_off BIGINT NOT NULL,
      PRIMARY KEY (door, model)
    )`,
  ],
];

/** One row: the number of the last migration. */
export const VERSION_TABLE = 'relay_schema';
export const CREATE_VERSION_TABLE = `CREATE TABLE ${VERSION_TABLE} (version BIGINT NOT NULL)`;
