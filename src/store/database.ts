import type { Ranks } from './ranks.ts';

/** A value as every engine keeps it. */
export type Value = string | number | null;

export type Row = Readonly<Record<string, Value>>;

/** Rows for one table, or one statement. Places for values are written `?`. */
export type Write =
  | {
      /** The table with its columns: `sums (day, key, requests)`. */
      readonly into: string;
      readonly rows: readonly (readonly Value[])[];
      /** What follows the values: `ON CONFLICT (day, key) DO UPDATE SET …`. No two rows may then meet in one place. */
      readonly onConflict?: string;
    }
  /** Many rows that are alike, and what they share: a fraction of the work where they are handed to another thread. */
  | {
      readonly table: string;
      readonly shared: Readonly<Record<string, Value>>;
      /** Column by column. */
      readonly texts: Readonly<Record<string, readonly string[]>>;
      readonly numbers: Numbers;
    }
  | {
      readonly sql: string;
      readonly values?: readonly Value[];
      /** How many rows it has to change: with any other number all is left as it was, and the trouble is `conflict`. */
      readonly changes?: number;
    };

/** Several numbers of each of many rows. */
export interface Numbers {
  /** Of one row. */
  readonly names: readonly string[];
  /** Row by row; NaN for null. */
  readonly values: Float64Array;
}

/** Throws where a statement has changed another number of rows than it has to. */
export const checkChanges = ({ changes: wanted }: SqlWrite, changes: number): void => {
  if (wanted === undefined || wanted === changes) return;
  throw new StoreError('conflict', `${changes} rows were changed, and ${wanted} should have been.`);
};

export type SqlWrite = Extract<Write, { sql: string }>;
export type RowsWrite = Extract<Write, { into: string }>;
export type AlikeWrite = Extract<Write, { table: string }>;

/** The same as rows that share nothing. */
export const toRowsWrite = (write: Exclude<Write, { sql: string }>): RowsWrite => {
  if ('into' in write) return write;
  const { table, shared, texts, numbers } = write;
  const [common, lists] = [Object.values(shared), Object.values(texts)];
  const rows = Array.from({ length: countOf(write) }, (_none, row) => [
    ...common,
    ...lists.map((list) => list[row] ?? null),
    ...numbers.names.map((_name, at) => numberIn(numbers, row, at)),
  ]);
  return { into: `${table} (${namesIn(write).join(', ')})`, rows };
};

export const countOf = ({ numbers: { names, values } }: AlikeWrite): number => values.length / names.length;

export const numberIn = ({ names, values }: Numbers, row: number, at: number): number | null => {
  const number = values[row * names.length + at] ?? NaN;
  return Number.isNaN(number) ? null : number;
};

export const namesIn = ({ shared, texts, numbers }: AlikeWrite): readonly string[] => [
  ...Object.keys(shared),
  ...Object.keys(texts),
  ...numbers.names,
];

/** In words of SQL. */
export interface RanksQuestion {
  /** What rows are told apart by; never null. */
  readonly name: string;
  readonly columns: readonly string[];
  /** A table, and which rows of it. */
  readonly from: string;
  readonly values: readonly Value[];
}

/** One engine that keeps tables. Whatever it refuses is a StoreError. */
export interface Database {
  /** All of it or nothing. Resolves to the number of rows that each write changed. */
  write(writes: readonly Write[]): Promise<readonly number[]>;
  read(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** The same for a question to very many rows: nobody who writes or reads waits until it is answered. */
  survey(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** A survey: for each name and for all together, the ranks of some columns. */
  ranks(question: RanksQuestion): Promise<readonly Ranks[]>;
  close(): Promise<void>;
}

/** Why a store refused. Everything but `conflict` and `mistake` is its own trouble, and may pass. */
export type StoreTrouble =
  | 'locked'
  | 'corrupt'
  | 'full'
  | 'read_only'
  | 'unreachable'
  | 'denied'
  | 'newer'
  | 'foreign'
  /** The row is there already, or is another than was expected. */
  | 'conflict'
  /** A fault of ours. */
  | 'mistake';

export class StoreError extends Error {
  readonly trouble: StoreTrouble;

  constructor(trouble: StoreTrouble, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StoreError';
    this.trouble = trouble;
  }
}

/** The way out of each. */
const WAY_OUT = {
  locked:
    'Another program holds the database, or it takes too long to answer. See who holds it (of PostgreSQL: ' +
    'pg_stat_activity), or set DATABASE_URL to a file of this relay alone.',
  corrupt:
    'The database file is damaged. Put a copy of it back, or move it away: the relay then begins a new one by itself.',
  full: 'There is no room left where the database is. Make room; the relay goes on by itself.',
  read_only: 'The database cannot be written. Allow it, or set DATABASE_URL to a place that can be written.',
  unreachable: 'The database cannot be reached. See that it runs and that DATABASE_URL names it.',
  denied: 'The database refuses this user. Correct user, password and database in DATABASE_URL.',
  newer:
    'The database was written by a newer version of this relay and is left as it is. Run that version, or set ' +
    'DATABASE_URL to another database.',
  foreign: 'The database belongs to another program and is left as it is. Set DATABASE_URL to another one.',
} as const satisfies Record<Exclude<StoreTrouble, 'conflict' | 'mistake'>, string>;

/** A file is nothing that runs, and no address. */
const WAY_OUT_OF_FILES: Partial<Record<StoreTrouble, string>> = {
  unreachable:
    'The database file cannot be read or written. See to its disk, to who may use its folder, and to how many files ' +
    'this program may have open.',
};

/** The way out, said to the owner. */
export const wayOut = (kind: 'sqlite' | 'postgres', trouble: keyof typeof WAY_OUT): string =>
  (kind === 'sqlite' ? WAY_OUT_OF_FILES[trouble] : undefined) ?? WAY_OUT[trouble];

/** All that is said of it. */
export const WAYS_OUT: readonly string[] = [...Object.values(WAY_OUT), ...Object.values(WAY_OUT_OF_FILES)];

export const isPassing = (trouble: StoreTrouble): trouble is keyof typeof WAY_OUT => trouble in WAY_OUT;
