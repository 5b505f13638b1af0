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
    // Both in the order in which requests are listed.
    'CREATE INDEX requests_time ON requests (time, place)',
    'CREATE INDEX requests_key_time ON requests (key, time, place)',
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
  [
    // `models` and `doors` are lists in JSON; of limits null is none.
    `CREATE TABLE client_keys (
      id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, disabled BIGINT NOT NULL, created_at BIGINT NOT NULL,
      expires_at BIGINT, models TEXT NOT NULL, doors TEXT NOT NULL, rpm BIGINT, tpm BIGINT, concurrent BIGINT,
      requests_per_day BIGINT, tokens_per_day BIGINT, requests_per_month BIGINT, tokens_per_month BIGINT,
      cost_per_month DOUBLE PRECISION
    )`,
    // Of a key only its digest. After a rotation it has several: those before the last have an end.
    `CREATE TABLE client_key_secrets (
      digest TEXT PRIMARY KEY, key_id TEXT NOT NULL, prefix TEXT NOT NULL, ends_at BIGINT
    )`,
    'CREATE INDEX client_key_secrets_key ON client_key_secrets (key_id)',
    'CREATE TABLE client_key_uses (key_id TEXT PRIMARY KEY, last_used_at BIGINT NOT NULL)',
    // What was used in a month, a day, a second. `version` is that of the last change, 0 while it is being made.
    `CREATE TABLE client_key_counts (
      key_id TEXT NOT NULL, period TEXT NOT NULL, ends_at BIGINT NOT NULL, version BIGINT NOT NULL,
      requests BIGINT NOT NULL, tokens BIGINT NOT NULL, cost_nanos BIGINT NOT NULL,
      PRIMARY KEY (key_id, period)
    )`,
    'CREATE INDEX client_key_counts_version ON client_key_counts (version)',
    'CREATE INDEX client_key_counts_ends ON client_key_counts (ends_at)',
    // One row: by it each relay sees that another process has changed keys or counts.
    'CREATE TABLE client_key_state (keys_version BIGINT NOT NULL, counts_version BIGINT NOT NULL)',
    'INSERT INTO client_key_state VALUES (0, 0)',
  ],
  [
    // What Google keeps for somebody; `identity` is that of the key or login that has it.
    `CREATE TABLE resources (
      name TEXT PRIMARY KEY, collection TEXT NOT NULL, identity TEXT NOT NULL, owner TEXT NOT NULL,
      made_at BIGINT NOT NULL, ends_at BIGINT NOT NULL
    )`,
    'CREATE INDEX resources_owner ON resources (owner, collection, made_at)',
    'CREATE INDEX resources_ends ON resources (ends_at)',
  ],
  [
    // What was changed on the page, as text, like a variable of the environment. Never a secret.
    'CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, changed_at BIGINT NOT NULL)',
  ],
  ['ALTER TABLE resources ADD COLUMN note TEXT'],
  // Places are in the order of the times that they begin with: the primary key finds the same.
  ['DROP INDEX requests_time'],
];

/** One row: the number of the last migration. */
export const VERSION_TABLE = 'relay_schema';
export const CREATE_VERSION_TABLE = `CREATE TABLE ${VERSION_TABLE} (version BIGINT NOT NULL)`;

/** Change nothing in the end, and are really written: an UPDATE that leaves its row as it is SQLite does not write. */
export const PROBE = ['+', '-'].map((sign) => ({ sql: `UPDATE ${VERSION_TABLE} SET version = version ${sign} 1` }));
